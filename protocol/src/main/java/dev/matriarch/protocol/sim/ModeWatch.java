package dev.matriarch.protocol.sim;

import dev.matriarch.protocol.election.ClusterRecord;
import java.util.Collection;

/**
 * Whether leases decide who may be primary. In synchronous mode they need not: a primary that was
 * superseded may run on, and acknowledges nothing. What was begun so ends with the last lease of
 * that time, where nothing keeps guardians from ending it.
 */
final class ModeWatch {
  private final World world;
  private boolean everSynchronous;
  private long asynchronousSinceUs;

  ModeWatch(World world) {
    this.world = world;
  }

  /** Takes in what a winner may adopt from now on. */
  void adoptable(Collection<ClusterRecord> records) {
    var synchronous = records.stream().anyMatch(it -> it.sync().isPresent());
    everSynchronous |= synchronous;
    if (synchronous) {
      asynchronousSinceUs = -1;
    } else if (asynchronousSinceUs < 0) {
      asynchronousSinceUs = world.time.nowUs();
    }
  }

  boolean leasesDecide() {
    var lastLeaseUs = 2 * world.setup.longTtlMs() * 1000 + world.setup.stopMaxUs();
    return !everSynchronous
        || (world.setup.stubborn() == 0
            && asynchronousSinceUs >= 0
            && world.time.nowUs() - asynchronousSinceUs > lastLeaseUs);
  }

  boolean wasSynchronous() {
    return everSynchronous;
  }

  /** Whether synchronous mode was switched off, and is over. */
  boolean isSwitchedOff() {
    return everSynchronous && leasesDecide();
  }
}
