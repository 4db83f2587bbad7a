package dev.matriarch.multijvm.bench;

import dev.matriarch.multijvm.JvmNode;
import dev.matriarch.multijvm.RowWriter;
import dev.matriarch.multijvm.TestCluster;
import dev.matriarch.multijvm.WriteLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * All that writes during a run: a probe for each node, which stays there; writers that go to where
 * rows are taken; a client that looks for the primary; and writers on hosts that will be cut off.
 */
final class Workload implements AutoCloseable {
  /** Longer than any run: only the server ends the connection of a client that stays. */
  private static final Duration STAY = Duration.ofMinutes(10);

  private static final Duration MOVE = Duration.ofSeconds(1);

  /** Of a probe; on a standby it goes on with its connection. */
  private static final Duration RETRY = Duration.ofMillis(5);

  /** A login costs both sides milliseconds of a processor, and here they share it. */
  private static final Duration MOVE_ON = Duration.ofMillis(50);

  private final TestCluster cluster;
  private final WriteLog log;
  private final List<RowWriter> staying = new ArrayList<>();
  private final List<RowWriter> moving = new ArrayList<>();
  private final SeekingClient client;

  private Workload(TestCluster cluster, WriteLog log, Pace pace) {
    this.cluster = cluster;
    this.log = log;
    for (var node : cluster.nodes()) {
      staying.add(
          RowWriter.start(
              plan("probe-" + node, List.of(node), clients(), STAY, pace.probe(), RETRY), log));
    }
    for (var number = 1; number <= pace.writers(); number++) {
      var nodes = new ArrayList<>(cluster.nodes());
      Collections.rotate(nodes, number);
      moving.add(
          RowWriter.start(
              plan("writer-" + number, nodes, clients(), MOVE, pace.writer(), MOVE_ON), log));
    }
    client = SeekingClient.start(cluster.nodes(), clients(), log);
  }

  /**
   * How much is written.
   *
   * @param writers that move
   * @param probe the pause of a probe after a row, and {@code writer} that of a writer
   */
  record Pace(int writers, Duration probe, Duration writer) {
    static Pace of(int writers) {
      return new Pace(writers, Duration.ofMillis(3), Duration.ofMillis(5));
    }
  }

  /** Makes the table anew on the leader, and begins. */
  static Workload start(TestCluster cluster, JvmNode leader, Pace pace) {
    return new Workload(cluster, WriteLog.of(leader), pace);
  }

  /** One more, on the host of the node that it writes to. */
  void addInside(JvmNode node) {
    var namespace = node.place().namespace().orElseThrow();
    staying.add(
        RowWriter.start(
            plan("inside-" + node, List.of(node), namespace, STAY, Duration.ofMillis(3), RETRY),
            log));
  }

  private static RowWriter.Plan plan(
      String name,
      List<JvmNode> nodes,
      String namespace,
      Duration patience,
      Duration pause,
      Duration retry) {
    return new RowWriter.Plan(name, nodes, _ -> Optional.of(namespace), patience, pause, retry);
  }

  private String clients() {
    return cluster.network().clients();
  }

  WriteLog log() {
    return log;
  }

  /** The names of those that go to where rows are taken. */
  List<String> moving() {
    return moving.stream().map(RowWriter::name).toList();
  }

  /** The names of those that keep their connection to this node, however long a commit takes. */
  List<String> stayingOn(JvmNode node) {
    return staying.stream().map(RowWriter::name).filter(it -> it.endsWith("-" + node)).toList();
  }

  /** Whether all who can write to this primary have done so since a moment. */
  boolean isBusyOn(JvmNode primary, long since) {
    var names = new ArrayList<>(moving());
    names.add(SeekingClient.NAME);
    names.addAll(stayingOn(primary));
    return names.stream()
        .allMatch(name -> log.firstSince(since, it -> it.writer().equals(name)).isPresent());
  }

  @Override
  public void close() {
    end();
  }

  /** After it nothing is written any more. */
  void end() {
    var all = new ArrayList<AutoCloseable>(staying);
    all.addAll(moving);
    all.add(client);
    var ends = all.stream().map(it -> Thread.ofVirtual().start(() -> endOne(it))).toList();
    for (var end : ends) {
      try {
        end.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static void endOne(AutoCloseable one) {
    try {
      one.close();
    } catch (Exception e) {
      throw new IllegalStateException("cannot end " + one, e);
    }
  }
}
