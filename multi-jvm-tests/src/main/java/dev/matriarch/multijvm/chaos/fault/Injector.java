package dev.matriarch.multijvm.chaos.fault;

import dev.matriarch.multijvm.JvmNode;
import dev.matriarch.multijvm.TestCluster;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** Does to a cluster what a schedule says. Threads of several strikes may use it at a time. */
public final class Injector {
  private final List<Host> hosts;
  private final Supplier<Optional<JvmNode>> primary;
  private final Wiring wiring;
  private final LinkFaults links;
  private final DiskFaults disks;
  private final ClockFaults clocks;
  private volatile JvmNode lastPrimary;

  private Injector(
      TestCluster cluster,
      Supplier<Optional<JvmNode>> primary,
      DiskFaults disks,
      ClockFaults clocks) {
    this.hosts =
        IntStream.rangeClosed(1, cluster.nodes().size())
            .mapToObj(it -> new Host(cluster.node(it), it, cluster.network()))
            .toList();
    this.primary = primary;
    this.wiring = new Wiring(cluster.network());
    this.links = new LinkFaults(wiring, hosts.size());
    this.disks = disks;
    this.clocks = clocks;
    this.lastPrimary = cluster.node(1);
  }

  /**
   * Prepares a cluster that is at a switch and has not been started yet.
   *
   * @param kinds what will be done to it
   * @param primary who leads at the moment, asked when a strike begins
   */
  public static Injector of(
      TestCluster cluster, Collection<FaultKind> kinds, Supplier<Optional<JvmNode>> primary) {
    return new Injector(
        cluster,
        primary,
        kinds.stream().anyMatch(FaultKind::needsDisk)
            ? DiskFaults.under(cluster)
            : DiskFaults.none(),
        kinds.stream().anyMatch(FaultKind::needsClock)
            ? ClockFaults.of(cluster)
            : ClockFaults.none());
  }

  /** Does it; returns when it is done, which takes moments for most. */
  public Struck inject(Strike strike) {
    primary.get().ifPresent(it -> lastPrimary = it);
    var leader = lastPrimary;
    var host = host(strike, leader);
    return switch (strike.kind().fault()) {
      case Fault.Signal signal -> Signals.send(signal, host, strike.chance());
      case Fault.PowerLoss _ -> powerLoss(host);
      case Fault.Everywhere(var everyone) -> Signals.everywhere(everyone, hosts);
      case Fault.Links(var shape) -> links.breakLinks(shape, host, strike.chance());
      case Fault.Disk disk -> disks.strike(disk, host);
      case Fault.Clock(var jump) -> clocks.jump(jump, host.node(), strike.chance());
      case Fault.Wipe wipe -> Wipes.wipe(wipe, host);
      case Fault.Request(var order) -> Requests.ask(order, host, leader, strike.chance());
    };
  }

  private Host host(Strike strike, JvmNode leader) {
    var others =
        hosts.stream()
            .filter(it -> !it.node().equals(leader))
            .filter(it -> !strike.kind().needsPostgres() || !it.node().isWitness())
            .toList();
    return switch (strike.whom()) {
      case PRIMARY, ALL ->
          hosts.stream().filter(it -> it.node().equals(leader)).findFirst().orElseThrow();
      case STANDBY -> others.get(Math.floorMod(strike.chance(), others.size()));
    };
  }

  private Struck powerLoss(Host host) {
    wiring.unplug(host.number());
    host.kill();
    return Struck.lasting(
        host,
        () -> {
          host.kill();
          wiring.plug(host.number());
          wiring.renew(host.number());
          Signals.start(host.node());
        });
  }

  /** Deletes the data that agents have moved aside, as an operator would. */
  public void tidy() {
    hosts.forEach(it -> Wipes.tidy(it.node()));
  }

  /** All that runs on a node, whoever started it. */
  public long[] processes(JvmNode node) {
    return hosts.stream()
        .filter(it -> it.node().equals(node))
        .findFirst()
        .orElseThrow()
        .processes();
  }
}
