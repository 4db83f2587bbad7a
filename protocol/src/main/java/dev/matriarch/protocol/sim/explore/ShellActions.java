package dev.matriarch.protocol.sim.explore;

import dev.matriarch.protocol.election.Ballot;
import dev.matriarch.protocol.election.Guarantee;
import dev.matriarch.protocol.election.Incarnation;
import dev.matriarch.protocol.election.Local;
import dev.matriarch.protocol.election.Orders;
import dev.matriarch.protocol.election.RecordChange;
import dev.matriarch.protocol.election.Standing;
import dev.matriarch.protocol.election.SyncSet;
import dev.matriarch.protocol.model.NodeId;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What PostgreSQL does by itself, and what the shell makes it do; all of it any time later. */
final class ShellActions {
  private final Model model;
  private final Flaw flaw;

  ShellActions(Model model) {
    this.model = model;
    flaw = model.scene.flaw();
  }

  void offer(int[] state, int node, Sink sink) {
    var now = new Draft(model, state);
    var name = Scene.NODES.get(node);
    var pg = now.pg(node);
    var site = now.site(node);
    if (pg.isPrimary()) {
      asPrimary(state, node, sink, now);
    } else if (pg.source().isPresent()) {
      model.act(state, sink, () -> name + " receives and confirms WAL", it -> streams(it, node));
    }
    var orders = model.machines.orders(node, now.siteNumber(node));
    var fenceFor = orders.fenceFor();
    if (fenceFor.isPresent() && !fenceFor.equals(site.fencedFor()) && !leadsUnder(site, fenceFor)) {
      var ballot = fenceFor.get();
      model.act(
          state, sink, () -> name + " is fenced for " + ballot, it -> fence(it, node, ballot));
    }
    if (orders.incarnation().isPresent() && !pg.isEmpty()) {
      var number = orders.incarnation().get();
      model.act(
          state, sink, () -> name + " numbers its directory", it -> numbers(it, node, number));
    }
    if (!site.knowsPosition()) {
      model.act(state, sink, () -> name + " has replayed its WAL", it -> replay(it, node));
    }
    if (fenceFor.isEmpty()
        && isNumbered(site, pg, orders)
        && model.machines.follows(node, now.siteNumber(node))) {
      var leader = site.state().voter().leader().orElseThrow();
      model.act(state, sink, () -> name + " follows " + leader, it -> follow(it, node, leader));
    }
    site.leading()
        .filter(_ -> !pg.isPrimary() && site.state().fencing().isEmpty())
        .ifPresent(
            it -> model.act(state, sink, () -> name + " is promoted", d -> promote(d, node, it)));
    offerFetch(state, node, sink, orders);
    if (model.scene.lateReports() && !now.isReported(node)) {
      model.act(state, sink, () -> name + " reports", it -> it.report(node));
    }
  }

  private static boolean leadsUnder(Site site, Optional<Ballot> ballot) {
    return site.leading().map(it -> it.lease().ballot()).equals(ballot);
  }

  /** The machine was told the number of this directory, and wants no other. */
  private boolean isNumbered(Site site, Pg pg, Orders orders) {
    var told = site.state().local().replication().incarnation();
    return pg.isEmpty()
        || flaw == Flaw.FOLLOWED_BEFORE_NUMBERED
        || (orders.incarnation().isEmpty() && told.equals(Optional.of(pg.incarnation())));
  }

  // --- standby ----------------------------------------------------------------------------------

  private boolean streams(Draft draft, int node) {
    var pg = draft.pg(node);
    var source = pg.source().orElseThrow().node();
    var from = Scene.NODES.indexOf(source);
    var primary = draft.pg(from);
    if (!pg.streamsFrom(source, primary)) {
      return false;
    }
    var length = Math.min(pg.wal().size() + 1, primary.wal().size());
    var exact = flaw != Flaw.INCARNATION_IGNORED;
    var me = new Incarnation(Scene.NODES.get(node), exact ? pg.incarnation() : Scene.FIRST);
    var confirmed = primary.confirmed(me, length);
    if (length == pg.wal().size() && primary.equals(confirmed)) {
      return false;
    }
    draft.pg(node, pg.withWal(List.copyOf(primary.wal().subList(0, length))));
    draft.pg(from, confirmed);
    draft.acknowledge(from);
    return true;
  }

  private boolean fence(Draft draft, int node, Ballot ballot) {
    var pg = draft.pg(node);
    var goesOn =
        pg.isPrimary() ? flaw == Flaw.PRIMARY_NOT_STOPPED : flaw == Flaw.STREAM_NOT_STOPPED;
    if (pg.isPrimary()) {
      model.saw(Sight.FENCED_PRIMARY);
    }
    if (!goesOn) {
      draft.pg(node, pg.alone());
    }
    var known = draft.site(node).fencedFor().isPresent() && draft.site(node).knowsPosition();
    draft.site(
        node, draft.site(node).fenced(Optional.of(ballot), known || !model.scene.latePositions()));
    return draft.reported(node);
  }

  private static boolean replay(Draft draft, int node) {
    var site = draft.site(node);
    draft.site(node, site.fenced(site.fencedFor(), true));
    return draft.reported(node);
  }

  /** Rewinds or clones where it must: what it holds then is what the leader holds. */
  private boolean follow(Draft draft, int node, NodeId leader) {
    var site = draft.site(node);
    var pg = draft.pg(node);
    var timeline = site.state().voter().record().orElseThrow().timeline();
    var primary = draft.pg(Scene.NODES.indexOf(leader));
    var source = Optional.of(new Local.Source(leader, timeline));
    if (primary.primary() != timeline
        || !site.knowsPosition()
        || (pg.source().equals(source) && site.fencedFor().isEmpty())) {
      return false;
    }
    draft.site(node, site.fenced(Optional.empty(), true));
    if (pg.isEmpty()) {
      model.saw(Sight.CLONED);
      draft.pg(node, Pg.standby(primary.wal(), Pg.UNNUMBERED, source));
    } else if (pg.isPrefixOf(primary)) {
      draft.pg(node, pg.standby(pg.wal(), source));
    } else {
      model.saw(Sight.REWOUND);
      draft.pg(node, pg.standby(primary.wal(), source));
    }
    return draft.reported(node);
  }

  private boolean numbers(Draft draft, int node, long number) {
    model.saw(Sight.NUMBERED);
    draft.pg(node, draft.pg(node).numbered(number));
    return draft.reported(node);
  }

  // --- fetch ------------------------------------------------------------------------------------

  /** A shell that does not look again has begun some time ago. */
  private void offerFetch(int[] state, int node, Sink sink, Orders orders) {
    var name = Scene.NODES.get(node);
    var blind = flaw == Flaw.FETCHED_UNDER_A_NEWER_PROMISE;
    var begun = new Draft(model, state).site(node).fetching();
    if (blind && orders.fetch().isPresent() && !orders.fetch().equals(begun)) {
      model.act(
          state,
          sink,
          () -> name + " begins to fetch WAL",
          it -> {
            it.site(node, it.site(node).fetching(orders.fetch()));
            return true;
          });
    }
    (blind ? begun : orders.fetch())
        .ifPresent(it ->
            model.act(state, sink, () -> name + " has fetched WAL", d -> fetched(d, node, it)));
  }

  /** From a fenced node that has more and cannot lead; the own WAL is rewound where it differs. */
  private boolean fetched(Draft draft, int node, Orders.Fetch fetch) {
    var from = draft.pg(Scene.NODES.indexOf(fetch.from()));
    var pg = draft.pg(node);
    if (from.isPrimary() || pg.isPrimary() || !from.position().equals(Optional.of(fetch.upTo()))) {
      return false;
    }
    model.saw(Sight.FETCHED);
    draft.site(node, draft.site(node).fetching(Optional.empty()));
    draft.pg(node, pg.standby(from.wal(), pg.source()));
    return draft.reported(node);
  }

  // --- primary ----------------------------------------------------------------------------------

  private boolean promote(Draft draft, int node, Standing.Leading leading) {
    var pg = draft.pg(node);
    var self = Scene.NODES.get(node);
    var record = leading.chosen().record();
    if (pg.timeline() >= record.timeline()) {
      return false;
    }
    model.saw(Sight.PROMOTED);
    var ballot = leading.lease().ballot();
    draft.ledger(draft.ledger().serves(self, ballot, record.timeline(), pg.wal()));
    var set = record.sync().orElseThrow();
    var settings =
        flaw == Flaw.PROMOTED_BEFORE_ITS_SETTING
            ? List.of(new SyncSet(Set.of(new Incarnation(self, pg.incarnation())), 1), set)
            : List.of(set);
    draft.pg(node, pg.primary(record.timeline(), ballot.term(), settings).written());
    draft.site(node, draft.site(node).fenced(Optional.empty(), true));
    draft.acknowledge(node);
    return draft.reported(node);
  }

  private void asPrimary(int[] state, int node, Sink sink, Draft now) {
    var name = Scene.NODES.get(node);
    var pg = now.pg(node);
    var site = now.site(node);
    if (now.has(Draft.Budget.WRITES)) {
      model.act(
          state,
          sink,
          () -> "a client asks " + name + " for a commit",
          it -> {
            it.spend(Draft.Budget.WRITES);
            it.pg(node, pg.written());
            it.acknowledge(node);
            return true;
          });
    }
    if (pg.settings().size() > 1) {
      model.act(
          state,
          sink,
          () -> "all processes of " + name + " go by the newest setting",
          it -> {
            it.pg(node, pg.settled());
            return it.reported(node);
          });
    }
    var leads =
        site.leading().filter(it -> it.chosen().record().timeline() == pg.primary()).isPresent();
    if (!leads) {
      model.act(
          state,
          sink,
          () -> name + " stops its PostgreSQL",
          it -> {
            it.pg(node, pg.alone());
            return it.reported(node);
          });
      return;
    }
    var record = site.leading().orElseThrow().chosen().record();
    var set = record.sync().orElseThrow();
    switch (site.stage()) {
      case NONE -> {
        if (!pg.settings().getLast().equals(set)) {
          model.act(
              state, sink, () -> name + " sets what its record says", it -> set(it, node, set));
        } else if (pg.settings().size() == 1 && now.has(Draft.Budget.CHANGES)) {
          model.act(
              state, sink, () -> name + " begins to change the set", it -> begin(it, node, set));
        }
      }
      case SETTING -> {
        model.act(state, sink, () -> name + " proposes the set", it -> propose(it, node));
        model.act(
            state,
            sink,
            () -> name + " gives the change up",
            it -> {
              it.site(node, site.at(Site.Stage.NONE));
              return true;
            });
      }
      case PROPOSED -> {}
    }
  }

  // --- the synchronous set ----------------------------------------------------------------------

  /** What is added is told before any process goes by it. */
  private boolean set(Draft draft, int node, SyncSet set) {
    if (model.scene.change().filter(it -> isLike(it, set)).isPresent()) {
      model.saw(Sight.CHANGE_IN_FORCE);
    }
    draft.pg(node, draft.pg(node).setting(set));
    draft.acknowledge(node);
    return draft.report(node);
  }

  private boolean begin(Draft draft, int node, SyncSet old) {
    var self = Scene.NODES.get(node);
    var target = present(draft, model.scene.change().orElseThrow());
    var site = draft.site(node);
    if (target.equals(old)
        || !target.members().contains(new Incarnation(self, draft.pg(node).incarnation()))
        || target.members().stream().anyMatch(it -> it.number() == Pg.UNNUMBERED)
        || site.leading().orElseThrow().proposal().isPresent()) {
      return false;
    }
    draft.spend(Draft.Budget.CHANGES);
    model.saw(Sight.CHANGE_BEGUN);
    if (Guarantee.holds(self, Optional.of(old), Optional.of(target))) {
      var early = flaw == Flaw.SETTING_BEFORE_RECORD;
      return (!early || set(draft, node, target))
          && draft.reportAll(node, Set.of(Optional.of(old)), Optional.empty())
          && ask(draft, node, target);
    }
    if (flaw == Flaw.RECORD_BEFORE_SETTING) {
      return draft.reportAll(node, Set.of(Optional.of(target)), Optional.of(target))
          && ask(draft, node, target);
    }
    draft.site(node, site.at(Site.Stage.SETTING));
    return set(draft, node, target);
  }

  /** The set of the same nodes, as their directories are numbered. */
  private static SyncSet present(Draft draft, SyncSet set) {
    return new SyncSet(
        set.members().stream()
            .map(it ->
                new Incarnation(it.node(), draft.pg(Scene.NODES.indexOf(it.node())).incarnation()))
            .collect(Collectors.toSet()),
        set.copies());
  }

  private static boolean isLike(SyncSet one, SyncSet other) {
    return one.copies() == other.copies() && nodes(one).equals(nodes(other));
  }

  private static Set<NodeId> nodes(SyncSet set) {
    return set.members().stream().map(Incarnation::node).collect(Collectors.toSet());
  }

  private boolean propose(Draft draft, int node) {
    var pg = draft.pg(node);
    var target = pg.settings().getLast();
    var known =
        flaw == Flaw.CATCH_UP_SKIPPED
            ? pg.settings().equals(List.of(target))
            : pg.proves(Scene.NODES.get(node), target);
    return known
        && draft.reportAll(node, pg.allSettings(), Optional.of(target))
        && ask(draft, node, target);
  }

  private boolean ask(Draft draft, int node, SyncSet target) {
    return draft.react(node, new Stimulus.Asked(new RecordChange.Synchronise(Optional.of(target))));
  }
}
