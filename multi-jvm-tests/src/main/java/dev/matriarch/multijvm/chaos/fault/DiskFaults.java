package dev.matriarch.multijvm.chaos.fault;

import dev.matriarch.multijvm.JvmNode;
import dev.matriarch.multijvm.TestCluster;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The disks of a cluster, where the machine can give each node one of its own. */
final class DiskFaults {
  private static final long SLOW_FOR_MS = 400;
  private static final long QUICK_FOR_MS = 60;

  private static final int SEGMENTS = 8;

  private final Map<String, SmallDisk> disks = new LinkedHashMap<>();
  private Optional<String> refusal = Optional.empty();

  /**
   * Puts disks under the nodes, which have not been started yet, and takes them away at the end.
   */
  static DiskFaults under(TestCluster cluster) {
    var faults = new DiskFaults();
    cluster.whenItEnds(
        () -> faults.disks.values().forEach(SmallDisk::thawForGood),
        () -> faults.disks.values().forEach(SmallDisk::remove));
    try {
      cluster.dataNodes().forEach(it -> faults.disks.put(it.name(), SmallDisk.under(it)));
    } catch (IllegalStateException e) {
      faults.refusal = Optional.of(String.valueOf(e.getMessage()));
    }
    return faults;
  }

  /** For a cluster whose nodes share the host's disk. */
  static DiskFaults none() {
    var faults = new DiskFaults();
    faults.refusal = Optional.of("the nodes have no disks of their own");
    return faults;
  }

  Struck strike(Fault.Disk fault, Host host) {
    var node = host.node();
    var disk = Optional.ofNullable(disks.get(node.name()));
    if (refusal.isPresent() || disk.isEmpty()) {
      return new Struck.NotSupported(refusal.orElse("no disk"));
    }
    return Struck.lasting(host, strike(fault.trouble(), disk.get(), host));
  }

  private static Runnable strike(Fault.Trouble trouble, SmallDisk disk, Host host) {
    return switch (trouble) {
      case FULL -> {
        disk.fill();
        beginSegments(host.node());
        yield disk::makeRoom;
      }
      case HANGING -> {
        disk.freeze();
        yield disk::thaw;
      }
      case SLOW ->
          Pulses.start(
                  "slow-disk-" + host.node(),
                  disk::freeze,
                  disk::thaw,
                  () -> SLOW_FOR_MS,
                  () -> QUICK_FOR_MS)
              ::close;
      case BROKEN -> {
        disk.breakDown();
        yield () -> replug(disk, host);
      }
    };
  }

  /** A host that is switched off, gets its disk back, and is started again. */
  private static void replug(SmallDisk disk, Host host) {
    synchronized (host.node()) {
      host.kill();
      disk.repair();
      Signals.start(host.node());
    }
  }

  /** Uses up the files for WAL that are there already, of which a server would live for long. */
  private static void beginSegments(JvmNode node) {
    try {
      for (var number = 0; number < SEGMENTS; number++) {
        node.query("SELECT pg_logical_emit_message(false, 'chaos', ''), pg_switch_wal()");
      }
    } catch (IllegalStateException refused) {
      // A standby, or a server that has no room any more: what was wanted.
    }
  }
}
