package dev.matriarch.multijvm.bench;

import dev.matriarch.multijvm.JvmNode;
import dev.matriarch.multijvm.Rest;
import dev.matriarch.multijvm.TestCluster;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** One fault of a scenario: how it is done to a cluster, and undone. */
final class Fault {
  private static final Duration HAND_OVER = Duration.ofSeconds(60);
  private static final int NOT_THERE = 501;

  /**
   * When the fault began.
   *
   * @param nanos of {@link System#nanoTime}
   * @param wall the same moment, for the times in logs
   */
  record Moment(long nanos, Instant wall) {
    static Moment now() {
      return new Moment(System.nanoTime(), Instant.now());
    }

    double msUntil(long later) {
      return (later - nanos) / 1e6;
    }
  }

  private final Scenario scenario;
  private final TestCluster cluster;
  private final JvmNode primary;
  private final JvmNode victim;

  /**
   * Not done yet.
   *
   * @param victim the primary itself, or the standby that is struck
   */
  Fault(Scenario scenario, TestCluster cluster, JvmNode primary, JvmNode victim) {
    this.scenario = scenario;
    this.cluster = cluster;
    this.primary = primary;
    this.victim = victim;
  }

  /**
   * Does it; gives why the agents cannot do such a thing, or nothing.
   *
   * @throws IllegalStateException if they can, and refuse
   */
  Optional<String> strike() {
    switch (scenario) {
      case DEAD_HOST, SYNC_STANDBY_DEAD -> {
        cluster.network().unplug(cluster.number(victim));
        victim.crash();
      }
      case POSTGRES_CRASH -> victim.killPostmaster();
      case AGENT_AND_POSTGRES_KILLED -> victim.crash();
      case AGENT_KILLED -> victim.killAgent();
      case AGENT_FROZEN -> victim.freezeAgent();
      case PARTITION_TWO_WAY -> {
        for (var other : cluster.others(victim)) {
          cut(victim, other);
          cut(other, victim);
        }
      }
      case PARTITION_ONE_WAY -> cluster.others(victim).forEach(other -> cut(victim, other));
      case SWITCHOVER -> {
        return handOver();
      }
      case PGBENCH_SOAK -> {
        // Nothing happens to it but work.
      }
    }
    return Optional.empty();
  }

  private Optional<String> handOver() {
    var request = "{\"leader\": \"%s\"}".formatted(primary.name());
    var answer = primary.rest().post("/switchover", request, HAND_OVER);
    var refusal = "POST /switchover: " + told(answer);
    if (answer.status() == NOT_THERE) {
      return Optional.of(refusal);
    }
    if (answer.status() / 100 != 2) {
      throw new IllegalStateException(refusal);
    }
    return Optional.empty();
  }

  private static String told(Rest.Answer answer) {
    return answer.status() == 0
        ? "no answer"
        : "%d %s".formatted(answer.status(), answer.body()).strip();
  }

  /** Undoes it; agents that do not run are started. */
  void heal() {
    switch (scenario) {
      case DEAD_HOST, SYNC_STANDBY_DEAD -> cluster.network().renew(cluster.number(victim));
      case AGENT_FROZEN -> victim.thawAgent();
      case PARTITION_TWO_WAY -> {
        for (var other : cluster.others(victim)) {
          open(victim, other);
          open(other, victim);
        }
      }
      case PARTITION_ONE_WAY -> cluster.others(victim).forEach(other -> open(victim, other));
      case POSTGRES_CRASH, AGENT_AND_POSTGRES_KILLED, AGENT_KILLED, SWITCHOVER, PGBENCH_SOAK -> {
        // What is left to do is done below.
      }
    }
    cluster.startAll();
  }

  private void cut(JvmNode from, JvmNode to) {
    cluster.network().cutWay(cluster.number(from), cluster.number(to));
  }

  private void open(JvmNode from, JvmNode to) {
    cluster.network().openWay(cluster.number(from), cluster.number(to));
  }
}
