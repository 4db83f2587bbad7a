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

/** A state of the cluster while one action changes it. */
final class Draft {
  private static final int PGS = 3;
  private static final int LEDGER = 6;
  private static final int BUDGETS = 7;
  static final int MAILS = 8;

  /** What is left of a bounded number. */
  enum Budget {
    STANDS(0),
    WRITES(4),
    RESTARTS(8),
    DUPLICATES(12),
    CHANGES(16);

    private static final int MASK = 15;
    private final int shift;

    Budget(int shift) {
      this.shift = shift;
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
    state[BUDGETS] =
        Budget.STANDS.of(scene.stands())
            + Budget.WRITES.of(scene.writes())
            + Budget.RESTARTS.of(scene.restarts())
            + Budget.DUPLICATES.of(scene.duplicates())
            + Budget.CHANGES.of(scene.change().isPresent() ? 1 : 0);
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

  private boolean isDead(int number) {
    var mail = model.mails.value(number);
    var sender = site(Scene.NODES.indexOf(mail.message().from()));
    return mail.isDead(sender, site(Scene.NODES.indexOf(mail.to())), has(Budget.RESTARTS));
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
    var wasProposing = site(node).stage() == Site.Stage.PROPOSED;
    state[node] = it.site();
    if (wasProposing && site(node).stage() == Site.Stage.NONE && site(node).leading().isPresent()) {
      model.saw(Sight.CHANGE_CHOSEN);
    }
    it.sent().forEach(this::post);
    if (!it.facts().equals(Facts.NONE)) {
      var voter = site(node).disk().voter();
      it.facts().won().ifPresent(won -> ledger(ledger().won(won)));
      it.facts().stored().ifPresent(stored -> ledger(ledger().stored(voter, stored)));
      it.facts().led().ifPresent(_ -> goesOn(node, site(node).leading().orElseThrow()));
    }
    return true;
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
    return local(node, same.orElseGet(pg::position), pg.allSettings(), Optional.empty());
  }

  boolean reportAll(int node, Set<Optional<SyncSet>> settings, Optional<SyncSet> proven) {
    return react(node, new Stimulus.Told(local(node, pg(node).position(), settings, proven)));
  }

  private Local local(
      int node, Position position, Set<Optional<SyncSet>> settings, Optional<SyncSet> proven) {
    var pg = pg(node);
    var site = site(node);
    var fenced = site.fencedFor().isPresent();
    NodeId self = Scene.NODES.get(node);
    return new Local(
        !model.scene.unable().contains(self),
        Optional.of(true),
        Optional.of(pg.primary()).filter(it -> it > 0 && !fenced),
        Optional.of(position).filter(_ -> site.knowsPosition()),
        Optional.of(Model.SYSTEM),
        0,
        0,
        new Local.Replication(
            Optional.of(1L), site.fencedFor(), pg.source().filter(_ -> !fenced), settings, proven));
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
