package dev.matriarch.multijvm.chaos;

import dev.matriarch.multijvm.JvmNode;
import dev.matriarch.multijvm.TestCluster;
import dev.matriarch.multijvm.chaos.check.Mode;

/**
 * How many a cluster has.
 *
 * @param all with the witnesses
 * @param witnesses those without PostgreSQL
 */
public record Members(int all, int witnesses) {
  static Members of(TestCluster cluster) {
    return new Members(
        cluster.nodes().size(),
        Math.toIntExact(cluster.nodes().stream().filter(JvmNode::isWitness).count()));
  }

  /** Those with PostgreSQL. */
  int data() {
    return all - witnesses;
  }

  /** As many standbys as members may be lost at the same moment with a majority left. */
  int copies() {
    return Math.min((all - 1) / 2, data() - 1);
  }

  /** Whether commits go on without any one of those that have data. */
  boolean canMissOne(Mode mode) {
    return mode != Mode.STRICT || copies() < data() - 1;
  }
}
