package dev.matriarch.multijvm.chaos.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.matriarch.multijvm.Await;
import dev.matriarch.multijvm.ClusterSettings;
import dev.matriarch.multijvm.Network;
import dev.matriarch.multijvm.TestCluster;
import dev.matriarch.multijvm.chaos.check.Checks;
import dev.matriarch.multijvm.chaos.check.Mode;
import dev.matriarch.multijvm.chaos.history.FinalState;
import dev.matriarch.multijvm.chaos.history.History;
import dev.matriarch.multijvm.chaos.history.Kind;
import dev.matriarch.multijvm.chaos.history.Operation;
import dev.matriarch.multijvm.chaos.history.Outcome;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** One node is enough to show that each client does its work, before and after a crash. */
class WorkloadsTest {
  private static final ClusterSettings SMALL =
      ClusterSettings.defaults()
          .with("ttl", "5")
          .with("loop_wait", "1")
          .with("postgresql.parameters.shared_buffers", "16MB");

  /** Reads of registers without confirmation are asked of primaries only. */
  private static boolean hasAll(List<Operation> operations, long since) {
    var done =
        operations.stream()
            .filter(it -> it.invoked() > since && it.outcome() instanceof Outcome.Ok)
            .map(Operation::kind)
            .collect(Collectors.toSet());
    return done.stream()
            .map(Object::getClass)
            .collect(Collectors.toSet())
            .containsAll(Set.of(Kind.class.getPermittedSubclasses()))
        && done.stream().anyMatch(isRead(true))
        && done.stream().anyMatch(isRead(false))
        && operations.stream()
            .filter(it -> it.invoked() > since && it.outcome() instanceof Outcome.Ok)
            .anyMatch(it -> it.client().equals("routed-writer"));
  }

  private static Predicate<Kind> isRead(boolean wanted) {
    return it -> it instanceof Kind.RegisterRead(_, var confirmed) && confirmed == wanted;
  }

  @Test
  void everyClientWorksBeforeAndAfterACrashAndWhatItWasToldIsTrue() {
    assumeTrue(Network.isPossible(), "network namespaces need root and iproute2");
    try (var cluster = TestCluster.atSwitch("workloads", 1, SMALL)) {
      cluster.startAll();
      cluster.await("a leader", TestCluster.PATIENCE, () -> cluster.isWhole(cluster.nodes()));
      var history = new History();
      List<FinalState> ends;
      try (var workloads = Workloads.start(cluster, 5, history)) {
        awaitAll(history, 0);
        cluster.leader().killPostmaster();
        awaitAll(history, System.nanoTime());
        ends = workloads.readAll(cluster.leader(), TestCluster.PATIENCE);
      }
      assertThat(Checks.run(history, ends, Mode.ASYNCHRONOUS)).isEmpty();
      assertThat(withoutTheLast(history, ends)).isNotEmpty();
      assertOneAtATime(history.snapshot());
      // A single node is no replica: the reader that is routed is let in nowhere.
      assertThat(clients(history)).hasSize(13).contains("routed-writer");
    }
  }

  private static void awaitAll(History history, long since) {
    Await.until(
        "operations of all kinds",
        TestCluster.PATIENCE,
        () -> hasAll(history.snapshot(), since),
        () -> clients(history).toString());
  }

  /** The checks look at what was really done: they notice when one row of it is taken away. */
  private static List<?> withoutTheLast(History history, List<FinalState> ends) {
    var end = ends.getFirst();
    var kept =
        history.snapshot().stream()
            .filter(it -> !(it.kind() instanceof Kind.Insert(var key) && key == end.keys().last()))
            .toList();
    return Checks.run(History.of(kept), ends, Mode.ASYNCHRONOUS);
  }

  private static Set<String> clients(History history) {
    return history.snapshot().stream().map(Operation::client).collect(Collectors.toSet());
  }

  private static void assertOneAtATime(List<Operation> operations) {
    var free = new TreeMap<String, Long>();
    assertThat(operations)
        .allSatisfy(it -> {
          assertThat(it.invoked()).isGreaterThan(free.getOrDefault(it.client(), 0L));
          free.put(it.client(), it.completed());
        });
  }
}
