package dev.matriarch.multijvm.chaos.fault;

import dev.matriarch.multijvm.JvmNode;
import dev.matriarch.multijvm.Rest;
import java.time.Duration;
import java.util.Optional;

/** What an operator asks for through the REST API, at a bad time: a refusal is an answer too. */
final class Requests {
  private static final Duration PATIENCE = Duration.ofSeconds(40);
  private static final int NOT_THERE = 501;

  private Requests() {}

  /**
   * Asks for it, and waits for the answer.
   *
   * @param leader who leads, as far as is known
   */
  static Struck ask(Fault.Order order, Host host, JvmNode leader, long chance) {
    var node = host.node();
    var answer =
        switch (order) {
          case SWITCHOVER ->
              leader.rest().post("/switchover", "{\"leader\": \"%s\"}".formatted(leader), PATIENCE);
          case FAILOVER ->
              leader.rest().post("/failover", "{\"candidate\": \"%s\"}".formatted(node), PATIENCE);
          case RESTART -> node.rest().post("/restart", "{}", PATIENCE);
          case RELOAD -> node.rest().post("/reload", "", PATIENCE);
          case CONFIGURE -> configure(leader, chance);
        };
    return refusal(answer)
        .<Struck>map(Struck.NotSupported::new)
        .orElseGet(() -> Struck.passing(host, "%s: %s".formatted(node, text(answer))));
  }

  /** Values that change nothing of what is checked, one that PostgreSQL has to be told. */
  private static Rest.Answer configure(JvmNode node, long chance) {
    var megabytes = 4 + Math.floorMod(chance, 8);
    return node.rest()
        .patch(
            "/config",
            "{\"postgresql\": {\"parameters\": {\"work_mem\": \"%dMB\"}}}".formatted(megabytes),
            PATIENCE);
  }

  private static Optional<String> refusal(Rest.Answer answer) {
    return Optional.of(answer)
        .filter(it -> it.status() == NOT_THERE)
        .map(it -> "this build answers " + text(it));
  }

  private static String text(Rest.Answer answer) {
    return answer.status() == 0
        ? "no answer"
        : "%d %s".formatted(answer.status(), answer.body().strip());
  }
}
