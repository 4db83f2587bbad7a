package dev.matriarch.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

/** A whole cluster that is written to and watched, and what must be true at the end of any test. */
final class Trial implements AutoCloseable {
  private final TestCluster cluster;
  private final WriteHistory writes;
  private final PrimaryWatch watch;

  private Trial(TestCluster cluster, WriteHistory writes, PrimaryWatch watch) {
    this.cluster = cluster;
    this.writes = writes;
    this.watch = watch;
  }

  /** Waits until the cluster is whole, then begins to write and to watch. */
  static Trial on(TestCluster cluster) {
    var leader = cluster.awaitWhole();
    var trial = new Trial(cluster, WriteHistory.of(cluster, leader), PrimaryWatch.of(cluster));
    cluster.await("the first row", TestCluster.PATIENCE, () -> !trial.writes.rows().isEmpty());
    return trial;
  }

  WriteHistory writes() {
    return writes;
  }

  /** The cluster has become whole; nothing is lost, and there never were two primaries. */
  void judge() {
    var leader = cluster.awaitWhole();
    close();
    assertThat(watch.sightings()).as("times that a node said to be primary").isPositive();
    assertThat(watch.twoPrimaries()).as("two primaries at a time, by REST").isEmpty();
    assertThat(writes.twoWriters()).as("two primaries at a time, by SQL").isEmpty();
    assertThat(writes.unexplainedLosses(leader)).as("lost rows").isEmpty();
  }

  @Override
  public void close() {
    writes.close();
    watch.close();
  }
}
