package dev.matriarch.multijvm.chaos.fault;

import dev.matriarch.multijvm.Await;
import dev.matriarch.multijvm.JvmNode;
import dev.matriarch.multijvm.Network;
import dev.matriarch.multijvm.OsProcess;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * The processes of one node.
 *
 * @param number of the node, from 1
 */
record Host(JvmNode node, int number, Network network) {
  /** {@code postgres: trial: postgres postgres 10.77.0.200(40312) idle}. */
  private static final Pattern SESSION = Pattern.compile("^postgres: .*[0-9.]+\\([0-9]+\\).*$");

  private static final Duration FREEZING = Duration.ofSeconds(10);

  /** The process that a signal is for; empty if there is none now. */
  Optional<Long> find(Fault.Victim victim, long chance) {
    return switch (victim) {
      case AGENT -> node.agentPid().stream().boxed().findFirst();
      case GUARDIAN -> node.guarded().map(JvmNode.Guarded::guardian);
      case POSTMASTER -> node.guarded().map(JvmNode.Guarded::postmaster);
      case BACKEND -> one(it -> SESSION.matcher(it).matches() && !it.contains("walsender"), chance);
      case WAL_RECEIVER -> one(it -> it.contains("walreceiver"), chance);
      case WAL_SENDER -> one(it -> it.contains("walsender"), chance);
      case HOST -> throw new IllegalArgumentException("a host is more than one process");
    };
  }

  private Optional<Long> one(Predicate<String> title, long chance) {
    var found =
        LongStream.of(processes())
            .sorted()
            .boxed()
            .filter(it -> OsProcess.title(it).startsWith("postgres: "))
            .filter(it -> title.test(OsProcess.title(it).strip()))
            .toList();
    return found.isEmpty()
        ? Optional.empty()
        : Optional.of(found.get(Math.floorMod(chance, found.size())));
  }

  long[] processes() {
    return Arrays.stream(network.processes(number)).filter(OsProcess::lives).toArray();
  }

  /** Stops all, and what was born meanwhile, so that nothing of the host moves. */
  void freeze() {
    Await.until(
        "all processes of %s to be stopped".formatted(node),
        FREEZING,
        () -> {
          var before = set(processes());
          OsProcess.signal("STOP", before.stream().mapToLong(Long::longValue).toArray());
          return set(processes()).equals(before);
        });
  }

  void thaw() {
    OsProcess.signal("CONT", processes());
  }

  /** Ends all with SIGKILL. */
  void kill() {
    node.crash();
    Await.until(
        "the end of all processes of " + node,
        FREEZING,
        () -> {
          var left = processes();
          OsProcess.signal("KILL", left);
          return left.length == 0;
        });
  }

  private static Set<Long> set(long[] pids) {
    return LongStream.of(pids).boxed().collect(Collectors.toSet());
  }
}
