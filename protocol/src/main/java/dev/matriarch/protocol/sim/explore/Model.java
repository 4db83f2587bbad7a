package dev.matriarch.protocol.sim.explore;

import dev.matriarch.protocol.election.Ballot;
import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.election.Electorate;
import dev.matriarch.protocol.election.HistoryEntry;
import dev.matriarch.protocol.election.Incarnation;
import dev.matriarch.protocol.election.Local;
import dev.matriarch.protocol.election.Standing;
import dev.matriarch.protocol.election.StoreId;
import dev.matriarch.protocol.election.Version;
import dev.matriarch.protocol.election.VersionedRecord;
import dev.matriarch.protocol.election.Voter;
import dev.matriarch.protocol.election.VoterState;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * The cluster: which states follow from which, and by what.
 *
 * <p>A state is a few numbers: those of the three agents, of the three PostgreSQLs and of the
 * ledger, what is left of the bounded faults, and those of the messages on their way.
 */
final class Model {
  static final String SYSTEM = "7001";
  private static final List<Integer> FIRST_WAL = List.of(Pg.PER_TIMELINE);

  final Scene scene;
  final Machines machines;
  final Pool<Pg> pgs = new Pool<>();
  final Pool<Ledger> ledgers = new Pool<>();
  final Pool<Mail> mails;
  private final Map<Sight, Long> sights = new EnumMap<>(Sight.class);
  private final AgentActions agents;
  private final ShellActions shells;
  private final MemberActions members;

  Model(Scene scene) {
    this.scene = scene;
    machines = new Machines(scene.flaw());
    mails = machines.mails();
    agents = new AgentActions(this);
    shells = new ShellActions(this);
    members = new MemberActions(this);
  }

  void saw(Sight sight) {
    sights.merge(sight, 1L, Long::sum);
  }

  Map<Sight, Long> sights() {
    return sights;
  }

  void expand(int[] state, Sink sink) {
    for (var node = 0; node < Scene.NODES.size(); node++) {
      agents.offer(state, node, sink);
      shells.offer(state, node, sink);
      members.offer(state, node, sink);
    }
  }

  /** Offers one action; {@code change} says false if it is not possible. */
  void act(int[] state, Sink sink, Supplier<String> label, Predicate<Draft> change) {
    var draft = new Draft(this, state);
    try {
      if (change.test(draft)) {
        sink.reached(label, draft.packed());
      }
    } catch (Breach breach) {
      sink.broken(label, String.valueOf(breach.getMessage()));
    }
  }

  // --- the first state --------------------------------------------------------------------------

  int[] first() {
    var a = Scene.NODES.getFirst();
    var ballot = new Ballot(1, a, storeOf(a));
    var value = new VersionedRecord(new Version(ballot, 1), record(a));
    var pgs = new ArrayList<Pg>();
    var sites = new ArrayList<Site>();
    for (var node : Scene.NODES) {
      var leads = node.equals(a);
      pgs.add(
          leads
              ? firstPrimary()
              : Pg.standby(FIRST_WAL, Scene.FIRST, Optional.of(new Local.Source(a, 1))));
      var voter = VoterState.fresh(node, storeOf(node), Scene.FIRST).accepting(value);
      sites.add(site(voter, leads));
    }
    var ledger =
        new Ledger(
            Map.of(),
            Set.of(value.version()),
            Map.of(),
            Map.of(1, a),
            Map.of(ballot, FIRST_WAL),
            Map.of(FIRST_WAL.getFirst(), 1L));
    var draft = new Draft(this, sites, pgs, ledger, scene);
    for (var node = 0; node < Scene.NODES.size(); node++) {
      draft.report(node);
    }
    return draft.packed();
  }

  private Site site(VoterState voter, boolean leads) {
    var node = Scene.NODES.indexOf(voter.node());
    var booted = Normal.of(machines.booted(node, voter));
    var leading =
        new Standing.Leading(
            voter.accepted().orElseThrow(),
            new Standing.Lease(voter.promised(), Normal.LATE),
            new TreeMap<>(),
            1,
            Normal.NOW,
            Optional.empty(),
            List.of());
    var state = leads ? Normal.of(Normal.with(booted, voter, leading)) : booted;
    return Site.booted(state, voter, Optional.empty());
  }

  private Pg firstPrimary() {
    var primary =
        Pg.standby(FIRST_WAL, Scene.FIRST, Optional.empty()).primary(1, 1, List.of(scene.sync()));
    for (var standby : Scene.NODES.subList(1, Scene.NODES.size())) {
      primary = primary.confirmed(new Incarnation(standby, Scene.FIRST), FIRST_WAL.size());
    }
    return primary;
  }

  private ClusterRecord record(NodeId leader) {
    var voters = Electorate.ofUnheard(List.of());
    for (var node : scene.voters()) {
      voters = voters.with(new Voter(node, storeOf(node)));
    }
    return new ClusterRecord(
        1,
        Optional.of(leader),
        Optional.of(leader),
        1,
        voters,
        Optional.empty(),
        Optional.of(scene.sync()),
        List.of(new HistoryEntry(1, 1, Lsn.ZERO, leader, Optional.empty(), "a new cluster")),
        Machines.TTL_MS,
        Optional.of(SYSTEM),
        Map.of());
  }

  private static StoreId storeOf(NodeId node) {
    return new StoreId(node + "1");
  }

  // --- words ------------------------------------------------------------------------------------

  /** What an action has brought about, beside itself. */
  String difference(int[] before, int[] after) {
    var words = new ArrayList<String>();
    var was = new Draft(this, before);
    var is = new Draft(this, after);
    for (var node = 0; node < Scene.NODES.size(); node++) {
      var name = Scene.NODES.get(node);
      var standing = StandingText.of(is.site(node));
      if (!standing.equals(StandingText.of(was.site(node)))) {
        words.add(name + " is now " + standing);
      }
      var promised = is.site(node).state().voter().promised();
      if (!promised.equals(was.site(node).state().voter().promised())) {
        words.add(name + " has promised " + promised);
      }
    }
    for (var entry : is.ledger().acknowledged().keySet()) {
      if (!was.ledger().acknowledged().containsKey(entry)) {
        words.add("commit " + entry + " is acknowledged");
      }
    }
    var sent = new ArrayList<String>();
    for (var i = Draft.MAILS; i < after.length; i++) {
      if (!contains(before, after[i])) {
        sent.add("%s to %s".formatted(mails.value(after[i]), mails.value(after[i]).to()));
      }
    }
    if (!sent.isEmpty()) {
      words.add("sent: " + String.join(", ", sent));
    }
    return String.join("; ", words);
  }

  private static boolean contains(int[] state, int mail) {
    for (var i = Draft.MAILS; i < state.length; i++) {
      if (state[i] == mail) {
        return true;
      }
    }
    return false;
  }
}
