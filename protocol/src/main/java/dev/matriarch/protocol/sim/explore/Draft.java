package dev.matriarch.protocol.sim.explore;

import dev.matriarch.protocol.election.Local;
import dev.matriarch.protocol.election.Standing;
import dev.matriarch.protocol.election.SyncSet;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Position;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** A state of the cluster while one action changes it. */
final class Draft {
  private static final int PGS = 3;
  private static final int LEDGER = 6;
  private static final int BUDGETS = 7;
  static final int MAILS = 8;

  /** What is left of a bounded number. */
  enum Budget {
    STANDS(0),
    CARETAKERS(1),
    WRITES(2),
    RESTARTS(3),
    DUPLICATES(4),
    CHANGES(5),
    VOTER_CHANGES(6),
    WIPES(7),
    LOST_STORES(8),
    FOUND_STORES(9);

    private static final int BITS = 3;
    private static final int MASK = 7;
    private final int shift;

    Budget(int place) {
      shift = BITS * place;
    }

    int of(int count) {
      return count << shift;
    }

    boolean isLeft(int all) {
      return ((all >> shift) & MASK) > 0;
    }
  }

  private final Model model;
  private final int[] state;

  /** Their numbers, ascending. */
  private int[] mails = {};

  Draft(Model model, int[] from) {
    this.model = model;
    state = Arrays.copyOf(from, MAILS);
    mails = Arrays.copyOfRange(from, MAILS, from.length);
  }

  /** The first state of a cluster. */
  Draft(Model model, List<Site> sites, List<Pg> pgs, Ledger ledger, Scene scene) {
    this.model = model;
    state = new int[MAILS];
    for (var node = 0; node < PGS; node++) {
      site(node, sites.get(node));
      pg(node, pgs.get(node));
    }
    ledger(ledger);
    for (var budget : Budget.values()) {
      state[BUDGETS] += budget.of(scene.count(budget));
    }
  }

  // --- parts ------------------------------------------------------------------------------------

  int siteNumber(int node) {
    return state[node];
  }

  Site site(int node) {
    return model.machines.sites().value(state[node]);
  }

  void site(int node, Site site) {
    state[node] = model.machines.sites().number(site);
  }

  Pg pg(int node) {
    return model.pgs.value(state[PGS + node]);
  }

  void pg(int node, Pg pg) {
    state[PGS + node] = model.pgs.number(pg);
  }

  Ledger ledger() {
    return model.ledgers.value(state[LEDGER]);
  }

  void ledger(Ledger ledger) {
    state[LEDGER] = model.ledgers.number(ledger);
  }

  boolean has(Budget budget) {
    return budget.isLeft(state[BUDGETS]);
  }

  boolean spend(Budget budget) {
    if (!has(budget)) {
      return false;
    }
    state[BUDGETS] -= budget.of(1);
    return true;
  }

  void take(int mail) {
    mails = Arrays.stream(mails).filter(it -> it != mail).toArray();
  }

  private void post(int mail) {
    var place = Arrays.binarySearch(mails, mail);
    if (place >= 0) {
      return;
    }
    var at = -place - 1;
    var more = Arrays.copyOf(mails, mails.length + 1);
    for (var i = mails.length; i > at; i--) {
      more[i] = more[i - 1];
    }
    more[at] = mail;
    mails = more;
  }

  int[] packed() {
    var packed = Arrays.copyOf(state, MAILS + mails.length);
    var length = MAILS;
    for (var mail : mails) {
      if (!isDead(mail)) {
        packed[length++] = mail;
      }
    }
    return Arrays.copyOf(packed, length);
  }

  Stream<Mail> mails() {
    return Arrays.stream(mails).mapToObj(model.mails::value);
  }

  private boolean isDead(int number) {
    var mail = model.mails.value(number);
    var sender = mail.message().from();
    if (!model.scene.hear(sender, mail.to())) {
      return true;
    }
    var receiver = site(Scene.NODES.indexOf(mail.to()));
    return mail.isDead(
        site(Scene.NODES.indexOf(sender)),
        receiver,
        restarts(sender) || restarts(mail.to()),
        forgets(mail.to(), receiver));
  }

  /** Whether its agent may restart. */
  private boolean restarts(NodeId node) {
    return has(Budget.RESTARTS)
        || (has(Budget.WIPES) && model.scene.mayBeWiped(node))
        || forgets(node, site(Scene.NODES.indexOf(node)));
  }

  /** Whether it may go on with another store. */
  private boolean forgets(NodeId node, Site site) {
    return (has(Budget.LOST_STORES) && model.scene.mayLoseStore(node))
        || (has(Budget.FOUND_STORES) && site.lost().isPresent());
  }

  // --- agents -----------------------------------------------------------------------------------

  /** False: not in this state, or beyond the last term. */
  boolean react(int node, Stimulus stimulus) {
    return reacted(node, model.machines.react(node, state[node], stimulus));
  }

  boolean receive(int node, int mail) {
    return reacted(node, model.machines.receive(node, state[node], mail));
  }

  private boolean reacted(int node, Optional<Reaction> reaction) {
    if (reaction.filter(it -> it.highestTerm() <= model.scene.lastTerm()).isEmpty()) {
      return false;
    }
    var it = reaction.get();
    var before = site(node);
    state[node] = it.site();
    changed(before, site(node));
    it.sent().forEach(this::post);
    if (!it.facts().equals(Facts.NONE)) {
      var voter = site(node).disk().voter();
      it.facts().won().ifPresent(won -> ledger(ledger().won(won)));
      it.facts().stored().ifPresent(stored -> ledger(ledger().stored(voter, stored)));
      it.facts().led().ifPresent(_ -> goesOn(node, site(node).leading().orElseThrow()));
    }
    return true;
  }

  private void changed(Site before, Site after) {
    if (before.stage() == Site.Stage.PROPOSED
        && after.stage() == Site.Stage.NONE
        && after.leading().isPresent()) {
      model.saw(Sight.CHANGE_CHOSEN);
    }
    if (before.leading().isPresent() && after.leading().isPresent()) {
      var old = before.leading().get().chosen().record();
      var now = after.leading().get().chosen().record();
      if (!old.voters().equals(now.voters())) {
        model.saw(Sight.VOTERS_CHANGED);
      } else if (old.outgoing().isPresent() && now.outgoing().isEmpty()) {
        model.saw(Sight.VOTERS_SETTLED);
      }
    }
    if (before.state().standing() instanceof Standing.Accepting(_, Standing.Purpose.Care _, _)
        && after.state().standing() instanceof Standing.Idle
        && before.disk().promised().equals(after.disk().promised())) {
      model.saw(Sight.CARETAKER_WON);
    }
  }

  /** A leadership has begun: if its PostgreSQL runs already, it serves at once. */
  private void goesOn(int node, Standing.Leading leading) {
    var pg = pg(node);
    if (pg.isPrimary() && pg.primary() == leading.chosen().record().timeline()) {
      var ballot = leading.lease().ballot();
      ledger(ledger().serves(Scene.NODES.get(node), ballot, pg.primary(), pg.wal()));
      pg(node, pg.under(ballot.term()));
      model.saw(Sight.WENT_ON);
    }
  }

  // --- what the shell reports -------------------------------------------------------------------

  /** After something the shell did, unless reports come late. */
  boolean reported(int node) {
    return model.scene.lateReports() || report(node);
  }

  boolean report(int node) {
    return react(node, new Stimulus.Told(local(node)));
  }

  boolean isReported(int node) {
    return site(node).state().local().equals(local(node));
  }

  /** Positions of a node that receives or writes are told only when they matter. */
  Local local(int node) {
    var pg = pg(node);
    var told = site(node).state().local().position();
    var moves = pg.isPrimary() || pg.source().isPresent();
    var same = told.filter(it -> moves && it.timeline() == pg.timeline());
    return local(node, same.or(pg::position), pg.allSettings(), Optional.empty());
  }

  boolean reportAll(int node, Set<Optional<SyncSet>> settings, Optional<SyncSet> proven) {
    return react(node, new Stimulus.Told(local(node, pg(node).position(), settings, proven)));
  }

  private Local local(
      int node,
      Optional<Position> position,
      Set<Optional<SyncSet>> settings,
      Optional<SyncSet> proven) {
    var pg = pg(node);
    var site = site(node);
    var fenced = site.fencedFor().isPresent();
    var hasData = !pg.isEmpty();
    return new Local(
        model.scene.mayLead(Scene.NODES.get(node)),
        Optional.of(hasData),
        Optional.of(pg.primary()).filter(it -> it > 0 && !fenced),
        position.filter(_ -> site.knowsPosition()),
        Optional.of(Model.SYSTEM).filter(_ -> hasData),
        0,
        0,
        new Local.Replication(
            Optional.of(pg.incarnation()).filter(_ -> hasData),
            site.fencedFor(),
            pg.source().filter(_ -> !fenced),
            false,
            settings,
            proven));
  }

  // --- PostgreSQL -------------------------------------------------------------------------------

  /** Whatever may be acknowledged is acknowledged at once: later would ask less of winners. */
  void acknowledge(int node) {
    var pg = pg(node);
    var self = Scene.NODES.get(node);
    if (!pg.isPrimary()) {
      return;
    }
    for (var place = pg.since(); place < pg.wal().size(); place++) {
      var entry = pg.wal().get(place);
      var length = place + 1;
      var done =
          pg.settings().stream().anyMatch(it -> 1 + pg.holders(self, it, length) >= it.copies());
      if (done && ledger().acknowledged().getOrDefault(entry, Long.MAX_VALUE) > pg.term()) {
        ledger(ledger().acknowledged(self, pg.term(), entry));
        model.saw(Sight.ACKNOWLEDGED);
        if (ledger().isOld(pg.term())) {
          model.saw(Sight.ACKNOWLEDGED_BY_THE_OLD);
        }
      }
    }
  }
}
