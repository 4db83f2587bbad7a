package dev.matriarch.protocol.sim;

import dev.matriarch.protocol.election.ElectionMessage;
import dev.matriarch.protocol.election.RecordChange;
import dev.matriarch.protocol.model.NodeId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What the adversary and the operators do. Each world has its own taste. */
final class Faults {
  private static final List<Class<? extends ElectionMessage>> KINDS =
      List.of(
          ElectionMessage.Beat.class,
          ElectionMessage.Granted.class,
          ElectionMessage.Promise.class,
          ElectionMessage.Refused.class,
          ElectionMessage.Accept.class,
          ElectionMessage.Accepted.class,
          ElectionMessage.Release.class);

  private record Fault(double weight, Runnable action) {}

  private final World world;
  private final Dice dice;
  private final List<Fault> faults = new ArrayList<>();
  private final double total;
  final Losses losses;

  Faults(World world) {
    this.world = world;
    dice = world.dice;
    losses = new Losses(world, this);
    fault(3, this::pause);
    fault(2, this::crashAgent);
    fault(1.5, this::crashHost);
    fault(1, this::crashPostgres);
    fault(3, this::cutOff);
    fault(2, this::cutSome);
    fault(1, this::hangAndCutOff);
    fault(1, this::slow);
    fault(1, this::comeBackSlow);
    fault(1, this::mute);
    fault(1, this::glitch);
    fault(1, this::ttlThenGlitch);
    // Some worlds lose a disk all the time.
    var odd = world.setup.synchronous() && dice.hits(0.4) ? 8 : 1;
    fault(1.5 * odd, losses::loseStore);
    fault(0.5 * odd, losses::findStore);
    fault(1.0 * odd, losses::wipe);
    fault(0.5 * odd, losses::restore);
    fault(0.3 * odd, losses::setBack);
    fault(0.5, this::lame);
    fault(0.5, this::failDisk);
    fault(0.5, losses::removeVoter);
    fault(3, this::configure);
    fault(1.5, this::handOver);
    total = faults.stream().mapToDouble(Fault::weight).sum();
  }

  private void fault(double weight, Runnable action) {
    faults.add(new Fault(weight * dice.of(0.1, 0.5, 1, 3), action));
  }

  void begin() {
    var identifier = "old@" + dice.between(1, 1000);
    var withData = dice.of(0, 0, 0, 0.4, 1);
    var late = dice.hits(0.3) ? dice.of(List.copyOf(world.members())) : null;
    for (var host : world.hosts()) {
      if (!host.witness && dice.hits(withData)) {
        var own = dice.hits(0.1) ? host.id + "'s own" : identifier;
        host.postgres.has(Wal.initial(own).grown(dice.between(0, 300)));
      }
      var at = host.id.equals(late) ? dice.between(5_000_000, 20_000_000) : 300_000;
      world.time.after(dice.between(0, at), host::start);
    }
    next();
  }

  private void next() {
    world.time.after(
        dice.exponential(world.setup.faultEveryUs()),
        () -> {
          if (world.hostile) {
            losses.backUp();
            strike();
            next();
          }
        });
  }

  /** The second part of a fault; when the faults have ended before, it does not come. */
  void soon(long delayUs, Runnable action) {
    world.time.after(
        delayUs,
        () -> {
          if (world.hostile) {
            action.run();
          }
        });
  }

  private void strike() {
    var at = dice.between(0, (long) (total * 1000)) / 1000.0;
    for (var fault : faults) {
      at -= fault.weight();
      if (at <= 0) {
        fault.action().run();
        return;
      }
    }
  }

  /** Everything is mended; who is down comes back. */
  void end() {
    world.network.calm();
    for (var host : world.hosts()) {
      host.agent.crashAt = Optional.empty();
      host.agent.wake();
      host.agent.diskFails = false;
      if (host.agent.isMute()) {
        host.agent.restart(1_000);
      }
      host.lame = host.lame && host.id.equals(world.members().first()) && othersMayLead(host);
    }
  }

  /** Another may fetch what it lacks; in asynchronous mode that is no objection anyhow. */
  private boolean othersMayLead(Host host) {
    return world.setup.lagMaxBytes() >= 1_000_000
        && host.postgres.wal.isPresent()
        && world.hosts().stream()
            .filter(it -> it != host && it.postgres.phase != Postgres.Phase.REBUILDING)
            .flatMap(it -> it.postgres.wal.stream())
            .anyMatch(it -> it.isPrefixOf(host.postgres.wal.get()));
  }

  Host anybody() {
    return dice.of(List.copyOf(world.hosts()));
  }

  Host leaderOrAnybody() {
    var leader = world.hosts().stream().filter(it -> it.lease().isPresent()).findFirst();
    return dice.hits(0.6) ? leader.orElseGet(this::anybody) : anybody();
  }

  void note(Host host, String text) {
    world.trace.note(host.id, () -> "*** " + text);
  }

  private long aWhileUs() {
    return dice.between(1_000, dice.hits(0.5) ? 600_000 : 2 * world.setup.longTtlMs() * 1000);
  }

  // --- processes --------------------------------------------------------------------------------

  private void pause() {
    var host = leaderOrAnybody();
    var forUs = aWhileUs();
    note(host, "agent hangs for " + forUs + " us");
    host.agent.pause(forUs);
  }

  private void crashAgent() {
    var host = leaderOrAnybody();
    var point = dice.of(List.of(Agent.CrashPoint.values()));
    host.agent.crashSoon(point, dice.between(1_000, dice.hits(0.6) ? 200_000 : 2_000_000));
  }

  private void crashHost() {
    var host = leaderOrAnybody();
    if (host.on) {
      var forUs = dice.between(50_000, 4_000_000);
      note(host, "the host is off for " + forUs + " us");
      host.crash(forUs);
    }
  }

  private void crashPostgres() {
    var host = leaderOrAnybody();
    note(host, "PostgreSQL crashes");
    host.postgres.died();
  }

  /** The disk of the voter's store takes nothing, until somebody mends it and starts the agent. */
  private void failDisk() {
    var host = leaderOrAnybody();
    if (host.on && host.agent.up) {
      note(host, "the disk of its store takes nothing any more");
      host.agent.diskFails = true;
      world.time.after(
          dice.between(500_000, 5_000_000),
          () -> {
            if (host.on) {
              host.agent.restart(dice.between(1_000, 50_000));
            }
          });
    }
  }

  private void lame() {
    var host = anybody();
    host.lame = !host.lame;
    note(host, host.lame ? "may not lead" : "may lead again");
  }

  // --- links ------------------------------------------------------------------------------------

  private void cut(Set<Network.Link> links) {
    cut(links, dice.between(50_000, 5_000_000));
  }

  void cut(Set<Network.Link> links, long forUs) {
    world.network.cut(links);
    world.time.after(forUs, () -> world.network.mend(links));
  }

  /** One node loses the others: both ways, or what it sends, or what it hears. */
  private void cutOff() {
    cutOff(leaderOrAnybody());
  }

  private void cutOff(Host host) {
    var way = dice.between(0, 3);
    note(host, "cut off, way " + way);
    var links = new HashSet<Network.Link>();
    for (var other : world.members()) {
      if (!other.equals(host.id)) {
        if (way != 1) {
          links.add(new Network.Link(host.id, other));
        }
        if (way != 2) {
          links.add(new Network.Link(other, host.id));
        }
      }
    }
    cut(links);
  }

  private void cutSome() {
    var links = new HashSet<Network.Link>();
    for (var from : world.members()) {
      for (var to : world.members()) {
        if (!from.equals(to) && dice.hits(0.4)) {
          links.add(new Network.Link(from, to));
        }
      }
    }
    note(anybody(), "links are cut: " + links);
    cut(links);
  }

  /** The primary hangs, its beats are lost; the others have all they need to elect another. */
  private void hangAndCutOff() {
    hangAndCutOff(leaderOrAnybody());
  }

  void hangAndCutOff(Host host) {
    cutOff(host);
    host.agent.pause(dice.between(500_000, 2 * world.setup.longTtlMs() * 1000));
  }

  private void slow() {
    slow(leaderOrAnybody(), dice.between(50_000, 900_000), dice.between(200_000, 3_000_000));
  }

  private void slow(Host host, long byUs, long forUs) {
    note(host, "all messages need " + byUs + " us longer");
    world.network.slow(host.id, byUs);
    world.time.after(forUs, () -> world.network.slow(host.id, 0));
  }

  /**
   * Silent for most of a lease, then slow, and then it hangs: its beats come when the lease that
   * they ask for may have gone to another.
   */
  private void comeBackSlow() {
    var host = leaderOrAnybody();
    var ttlUs = world.setup.ttlMs() * 1000;
    var silentUs = dice.between(ttlUs * 4 / 10, ttlUs * 7 / 10);
    var slowUs = dice.between(ttlUs * 3 / 10, ttlUs * 7 / 10);
    world.network.slow(host.id, 10_000_000);
    soon(silentUs, () -> slow(host, slowUs, ttlUs));
    soon(
        silentUs + dice.between(0, ttlUs / 4),
        () -> host.agent.pause(dice.between(ttlUs / 10, ttlUs)));
  }

  private void mute() {
    mute(leaderOrAnybody(), dice.of(KINDS), dice.between(50_000, 1_500_000));
  }

  void mute(Host host, Class<? extends ElectionMessage> kind, long forUs) {
    note(host, "no " + kind.getSimpleName() + " gets out");
    world.network.mute(host.id, kind);
    world.time.after(forUs, () -> world.network.unmute(host.id));
  }

  /** The leader hangs, alone, and all other agents restart. */
  private void glitch() {
    glitch(leaderOrAnybody());
  }

  private void glitch(Host leader) {
    note(leader, "hangs, and the other agents restart");
    cutOff(leader);
    if (dice.hits(0.5)) {
      leader.agent.pause(dice.between(500_000, 2 * world.setup.longTtlMs() * 1000));
    }
    for (var host : world.hosts()) {
      if (host != leader && host.on && host.agent.up) {
        host.agent.restart(dice.between(1_000, 50_000));
      }
    }
  }

  /** The length of the lease is changed, and before much else happens the leader hangs. */
  private void ttlThenGlitch() {
    var leader = leaderOrAnybody();
    if (!leader.agent.up) {
      return;
    }
    var isLong =
        leader.disk.record().filter(it -> it.ttlMs() == world.setup.longTtlMs()).isPresent();
    var ttl = isLong ? world.setup.ttlMs() : world.setup.longTtlMs();
    leader.agent.propose(new RecordChange.Configure(Map.of("n", world.nextId()), ttl));
    note(leader, "an operator asks for ttl " + ttl);
    if (!isLong && dice.hits(0.5)) {
      mute(leader, ElectionMessage.Accept.class, 400_000);
      soon(dice.between(100_000, 300_000), () -> hangAndCutOff(leader));
    } else {
      soon(dice.between(10_000, 60_000), () -> glitch(leader));
    }
  }

  // --- operators --------------------------------------------------------------------------------

  private void configure() {
    var host = leaderOrAnybody();
    var ttl = dice.hits(0.6) ? world.setup.ttlMs() : world.setup.longTtlMs();
    if (host.agent.up) {
      var id = host.agent.propose(new RecordChange.Configure(Map.of("n", world.nextId()), ttl));
      note(host, "an operator asks for change " + id + " with ttl " + ttl);
    }
  }

  private void handOver() {
    var host = leaderOrAnybody();
    var others = world.members().stream().filter(it -> !it.equals(host.id)).toList();
    Optional<NodeId> successor = dice.hits(0.7) ? Optional.of(dice.of(others)) : Optional.empty();
    note(host, "an operator asks to hand over to " + successor);
    host.agent.supervisor.handOver(successor);
  }
}
