package dev.matriarch.actors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.actors.Observation.Seen;
import dev.matriarch.actors.postgres.HostClock;
import dev.matriarch.actors.postgres.PgConnection;
import dev.matriarch.actors.postgres.StatusQuery;
import dev.matriarch.protocol.election.Ballot;
import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.election.Effect;
import dev.matriarch.protocol.election.Electorate;
import dev.matriarch.protocol.election.Incarnation;
import dev.matriarch.protocol.election.LeaseView;
import dev.matriarch.protocol.election.RecordChange;
import dev.matriarch.protocol.election.StoreId;
import dev.matriarch.protocol.election.SyncSet;
import dev.matriarch.protocol.election.Version;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.sync.SyncSetting;
import dev.matriarch.protocol.sync.SyncView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;

/**
 * One agent's keeper of the synchronous setting on a real PostgreSQL. The test turns it, as the
 * supervisor would, and plays the election.
 */
final class TurnedKeeper {
  private static final Duration LEASE = Duration.ofMinutes(10);
  private static final Duration QUERY_TIMEOUT = Duration.ofSeconds(2);
  private static final Election.Command MARK = new Election.Resign();

  final PostgresHost host;
  final Knowledge knowledge;
  private final Incarnation me;
  private final SyncKeeper keeper;
  private final TestProbe<Election.Command> election;
  private final TestProbe<Effect.Verdict> verdicts;
  private final BlockingQueue<SyncKeeper.Worked> worked = new LinkedBlockingQueue<>();
  private final List<Optional<SyncSet>> asked = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();
  private Map<String, Object> config = Map.of();
  private int pieces;

  /** Begins to look after what runs at {@code of} now. */
  TurnedKeeper(ActorTestKit kit, TestHost of, Incarnation me) {
    this.me = me;
    host = SyncScene.agent(of);
    keeper = new SyncKeeper(host, worked::add);
    election = kit.createTestProbe();
    verdicts = kit.createTestProbe();
    var members = Set.of(SyncScene.A.node(), SyncScene.B.node(), new NodeId("c"));
    knowledge = new Knowledge(me.node(), false, members, Map.of());
    knowledge.present = Set.of(SyncScene.A.node(), SyncScene.B.node());
    see();
  }

  /** The data of {@code standby} are known, and stay as they are. */
  void hears(Incarnation standby, TestHost at) {
    knowledge.heard(
        new TreeMap<>(
            Map.of(standby.node(), Statuses.streaming(standby, at.endpoint(), "0/1000000"))));
  }

  /** What the supervisor's probe would see now. */
  void see() {
    try (var query = new StatusQuery(PgConnection.local(host.settings()), QUERY_TIMEOUT)) {
      var answer = query.ask();
      assertThat(answer).isInstanceOf(StatusQuery.Answer.Answered.class);
      var status = ((StatusQuery.Answer.Answered) answer).status();
      knowledge.saw(
          new Observation(
              0, new Seen.Up(status, false), Optional.empty(), false, Optional.of(me.number())),
          true,
          now());
    }
  }

  // --- the election -----------------------------------------------------------------------------

  /** This node leads, under a record with this set and this dynamic configuration. */
  void leads(long term, Map<String, Object> dynamic, Optional<SyncSet> set) {
    config = dynamic;
    knowledge.lease =
        new LeaseView.Mine(
            new Ballot(term, me.node(), new StoreId("test")),
            now().plus(LEASE),
            record(term, me.node(), set));
  }

  /** As above, of another. */
  void follows(NodeId leader, Map<String, Object> dynamic, Optional<SyncSet> set) {
    config = dynamic;
    knowledge.lease = new LeaseView.Theirs(leader, record(2, leader, set));
  }

  /** A majority has stored what was asked for last. */
  void chosen() {
    var set = asked().getLast();
    var mine = (LeaseView.Mine) knowledge.lease;
    leads(mine.ballot().term(), config, set);
    keeper.decided(new Effect.Verdict.Chosen(new Version(mine.ballot(), 1)), now());
  }

  void decided(Effect.Verdict verdict) {
    keeper.decided(verdict, now());
  }

  private ClusterRecord record(long term, NodeId leader, Optional<SyncSet> set) {
    return new ClusterRecord(
        term,
        Optional.of(leader),
        Optional.of(leader),
        1,
        Electorate.ofUnheard(Set.of(SyncScene.A.node(), SyncScene.B.node(), new NodeId("c"))),
        Optional.empty(),
        set,
        List.of(),
        5_000,
        Optional.of("7"),
        config);
  }

  /** All changes of the record that were asked for so far. */
  List<Optional<SyncSet>> asked() {
    election.ref().tell(MARK);
    for (var it = election.receiveMessage(); !it.equals(MARK); it = election.receiveMessage()) {
      assertThat(it).isInstanceOf(Election.Change.class);
      var change = ((Election.Change) it).change();
      assertThat(change).isInstanceOf(RecordChange.Synchronise.class);
      asked.add(((RecordChange.Synchronise) change).set());
    }
    return List.copyOf(asked);
  }

  // --- what it says -----------------------------------------------------------------------------

  /** How many pieces of its work have ended. */
  int pieces() {
    return pieces;
  }

  /** Why pieces of its work did not succeed, in their order. */
  List<String> problems() {
    return List.copyOf(problems);
  }

  /** What the election and the planner take to be possible. */
  Set<SyncSetting> inUse() {
    return knowledge.waitsFor.map(SyncView.Postgres::inUse).orElse(Set.of());
  }

  boolean isSettled() {
    return keeper.isSettled();
  }

  Optional<Duration> looksEvery() {
    return keeper.looksEvery(knowledge);
  }

  // --- turns ------------------------------------------------------------------------------------

  private void turn() {
    var ended = new ArrayList<SyncKeeper.Worked>();
    worked.drainTo(ended);
    for (var it : ended) {
      pieces++;
      it.problem().ifPresent(problems::add);
      keeper.done(it, now());
    }
    keeper.tell(knowledge);
    keeper.look(knowledge, election.ref(), verdicts.ref(), now());
  }

  void until(String what, Callable<Boolean> condition) throws Exception {
    TestHost.eventually(
        what,
        () -> {
          turn();
          return condition.call();
        });
  }

  /** It holds after every turn. */
  void during(Duration time, String what, Callable<Boolean> condition) throws Exception {
    var end = System.nanoTime() + time.toNanos();
    until(
        "that much time is over",
        () -> {
          assertThat(condition.call()).as(what).isTrue();
          return System.nanoTime() >= end;
        });
  }

  private static Duration now() {
    return Duration.ofNanos(HostClock.bootNanos());
  }
}
