package dev.matriarch.protocol.sim.explore;

import dev.matriarch.protocol.election.Candidacy;
import dev.matriarch.protocol.election.Effect;
import dev.matriarch.protocol.election.ElectionMachine;
import dev.matriarch.protocol.election.ElectionMessage;
import dev.matriarch.protocol.election.ElectionState;
import dev.matriarch.protocol.election.ElectionTiming;
import dev.matriarch.protocol.election.Founding;
import dev.matriarch.protocol.election.Input;
import dev.matriarch.protocol.election.LeaseView;
import dev.matriarch.protocol.election.Orders;
import dev.matriarch.protocol.election.RecordChange;
import dev.matriarch.protocol.election.Standing;
import dev.matriarch.protocol.election.Step;
import dev.matriarch.protocol.election.Voter;
import dev.matriarch.protocol.election.VoterState;
import dev.matriarch.protocol.model.NodeId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * The machines of the three nodes. Each answer is computed once: a cluster has many states, made of
 * few states of its nodes.
 */
final class Machines {
  static final long TTL_MS = 10_000;
  private static final int TICKS_TO_STAND = 6;
  private static final long BEAT = 1;
  private static final long CARE = 3;

  private final List<ElectionMachine> machines = new ArrayList<>();
  private final Pool<Site> sites = new Pool<>();
  private final Pool<Stimulus> stimuli = new Pool<>();
  private final Pool<Mail> mails = new Pool<>();
  private final Map<Long, Optional<Reaction>> reactions = new HashMap<>();
  private final Map<Long, Reaction> receptions = new HashMap<>();
  private final Map<Integer, Orders> orders = new HashMap<>();
  private final Flawed flawed;

  Machines(Flaw flaw) {
    flawed = new Flawed(flaw);
    for (var node : Scene.NODES) {
      machines.add(
          new ElectionMachine(
              node,
              new TreeSet<>(Scene.NODES),
              ElectionTiming.DEFAULT,
              new Founding(TTL_MS, Map.of())));
    }
  }

  Pool<Site> sites() {
    return sites;
  }

  Pool<Mail> mails() {
    return mails;
  }

  /** What the machine in state {@code site} wants done. */
  Orders orders(int node, int site) {
    return orders.computeIfAbsent(
        site, it -> machines.get(node).orders(sites.value(it).state(), Normal.NOW));
  }

  ElectionState booted(int node, VoterState stored) {
    return machines.get(node).booted(stored, Normal.NOW);
  }

  boolean follows(int node, int site) {
    return machines.get(node).view(sites.value(site).state(), Normal.NOW)
        instanceof LeaseView.Theirs;
  }

  /** Empty: it does not do that in this state. */
  Optional<Reaction> react(int node, int site, Stimulus stimulus) {
    var key = key(site, stimuli.number(stimulus));
    var known = reactions.get(key);
    if (known != null) {
      return known;
    }
    var computed = computed(node, sites.value(site), stimulus);
    reactions.put(key, computed);
    return computed;
  }

  Optional<Reaction> receive(int node, int site, int mail) {
    var key = key(site, mail);
    var known = receptions.get(key);
    if (known != null) {
      return Optional.of(known);
    }
    var computed = mailed(node, sites.value(site), mails.value(mail).message());
    receptions.put(key, computed);
    return Optional.of(computed);
  }

  private static long key(int first, int second) {
    return ((long) first << Integer.SIZE) | second;
  }

  private Optional<Reaction> computed(int node, Site site, Stimulus stimulus) {
    return switch (stimulus) {
      case Stimulus.Mailed(var message) -> Optional.of(mailed(node, site, message));
      case Stimulus.Told(var local) ->
          Optional.of(step(node, site, new Input.LocalChanged(Normal.NOW, local)));
      case Stimulus.Asked(var change) -> {
        var proposed = site.at(Site.Stage.PROPOSED);
        yield Optional.of(step(node, proposed, new Input.Propose(Normal.NOW, 1, change)));
      }
      case Stimulus.Stands() -> stands(node, site);
      case Stimulus.Cares() -> cares(node, site);
      case Stimulus.Answered(var by, var present) ->
          votersChanged(
              node,
              site,
              present,
              it ->
                  new Input.Received(
                      Normal.NOW,
                      new ElectionMessage.Granted(
                          by.node(), by.store(), it.lease().ballot(), BEAT, it.chosen().version()),
                      Duration.ZERO));
      case Stimulus.Struck(var other, var present) ->
          votersChanged(
              node,
              site,
              present,
              _ -> new Input.Propose(Normal.NOW, 2, new RecordChange.Disenfranchise(other)));
      case Stimulus.Restarts(var disk, var lost) -> {
        var booted = Normal.of(machines.get(node).booted(disk, Normal.NOW));
        yield Optional.of(numbered(Site.booted(booted, disk, lost), List.of(), Facts.NONE));
      }
    };
  }

  /** A candidate is heard once this node has lost its leader, or its lease, too. */
  private Reaction mailed(int node, Site site, ElectionMessage message) {
    var at = message instanceof ElectionMessage.Prepare ? Normal.LATE : Normal.NOW;
    return step(node, site, new Input.Received(at, message, Duration.ZERO));
  }

  private Reaction step(int node, Site site, Input input) {
    var heard =
        input instanceof Input.Received(_, var message, _)
            ? Optional.of(message)
            : Optional.<ElectionMessage>empty();
    return reaction(site, heard, flawed.step(machines.get(node), site.state(), input));
  }

  private Reaction reaction(Site site, Optional<ElectionMessage> heard, Step step) {
    var disk = step.save().orElse(site.disk());
    var stage = site.stage();
    var sent = new ArrayList<Mail>();
    for (var effect : step.effects()) {
      switch (effect) {
        case Effect.Send(var to, ElectionMessage.Refused it) when it.retryAfterMs() > 0 -> {
          // It only says when to ask again; the question may be asked again at any time.
        }
        case Effect.Send(var to, var message) -> sent.add(new Mail(to, message));
        case Effect.Decided _ -> stage = Site.Stage.NONE;
      }
    }
    var facts = Facts.of(site.state(), heard, step.state(), site.disk(), disk);
    return numbered(site.at(stage).with(Normal.of(step.state()), disk), sent, facts);
  }

  private Reaction numbered(Site site, List<Mail> sent, Facts facts) {
    return new Reaction(
        sites.number(site),
        site.state().highestTerm(),
        sent.stream().map(mails::number).toList(),
        facts);
  }

  // --- voters -----------------------------------------------------------------------------------

  private Optional<Reaction> cares(int node, Site site) {
    if (!(site.state().standing() instanceof Standing.Idle)) {
      return Optional.empty();
    }
    var change = new RecordChange.Configure(Map.of("n", 1), TTL_MS);
    var reaction = step(node, site, new Input.Propose(Normal.LATE, CARE, change));
    return Optional.of(reaction)
        .filter(it -> sites.value(it.site()).state().standing() instanceof Standing.Preparing);
  }

  /** The leader has just heard those that are {@code present}; empty: it changes nothing. */
  private Optional<Reaction> votersChanged(
      int node, Site site, Set<Voter> present, Function<Standing.Leading, Input> input) {
    var was = site.leading().orElseThrow();
    var beats = new TreeMap<>(Map.of(BEAT, new Standing.SentBeat(Normal.NOW, TTL_MS, present)));
    var heard =
        new Standing.Leading(
            was.chosen(),
            was.lease(),
            beats,
            BEAT + 1,
            was.nextBeatAt(),
            was.proposal(),
            was.queue());
    var state = Normal.with(site.state(), site.state().voter(), heard);
    var reaction = step(node, site.with(state, site.disk()), input.apply(was));
    return Optional.of(reaction)
        .filter(
            it -> sites.value(it.site()).leading().flatMap(Standing.Leading::proposal).isPresent());
  }

  // --- standing ---------------------------------------------------------------------------------

  /** Time passes until it asks for promises; a canvass, which changes nothing, goes well. */
  private Optional<Reaction> stands(int node, Site site) {
    var machine = machines.get(node);
    var state = site.state();
    var before = site.ballot();
    var decided = false;
    var now = Normal.LATE;
    for (var i = 0; i < TICKS_TO_STAND; i++, now = now.plusHours(1)) {
      var step = machine.step(state, new Input.Tick(now, Duration.ZERO));
      decided |= step.effects().stream().anyMatch(Effect.Decided.class::isInstance);
      for (var other : Scene.NODES) {
        if (step.state().standing() instanceof Standing.Canvassing it
            && !other.equals(machine.self())) {
          var opinion = new Input.Received(now, lost(other, it.round()), Duration.ZERO);
          step = machine.step(step.state(), opinion);
        }
      }
      state = step.state();
      if (state.standing() instanceof Standing.Preparing it
          && !before.equals(Optional.of(it.ballot()))) {
        var stage = decided ? Site.Stage.NONE : site.stage();
        return Optional.of(reaction(site.at(stage), Optional.empty(), saved(site.disk(), step)));
      }
    }
    return Optional.empty();
  }

  /** Of all the steps since {@code disk} was written. */
  private static Step saved(VoterState disk, Step last) {
    var voter = last.state().voter();
    return new Step(
        last.state(), disk.equals(voter) ? Optional.empty() : Optional.of(voter), last.effects());
  }

  private static ElectionMessage lost(NodeId node, long round) {
    var nothing = new Candidacy(node, false, Optional.of(true), false, Optional.empty(), 0, false);
    return new ElectionMessage.Opinion(node, round, true, 0, nothing);
  }
}
