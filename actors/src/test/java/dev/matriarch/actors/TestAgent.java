package dev.matriarch.actors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.actors.postgres.HostClock;
import dev.matriarch.actors.postgres.IncarnationFile;
import dev.matriarch.protocol.election.Ballot;
import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.election.Electorate;
import dev.matriarch.protocol.election.LeaseView;
import dev.matriarch.protocol.election.Local;
import dev.matriarch.protocol.election.Orders;
import dev.matriarch.protocol.election.Outlook;
import dev.matriarch.protocol.election.StoreId;
import dev.matriarch.protocol.formation.FormationView;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.report.Failover;
import dev.matriarch.protocol.report.Phase;
import dev.matriarch.protocol.status.MemberStatus;
import dev.matriarch.protocol.status.NodeView;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.FishingOutcomes;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/** A supervisor with a real PostgreSQL; the test plays its election. */
final class TestAgent {
  private static final Duration LONG = Duration.ofMinutes(10);

  final TestHost host;
  final TestProbe<Election.Command> election;
  final ActorRef<Supervisor.Command> supervisor;
  final Latest<Optional<NodeView>> view = new Latest<>(Optional.empty());

  TestAgent(ActorTestKit kit, TestHost host, Hub hub) {
    this.host = host;
    election = kit.createTestProbe();
    var pictures =
        new Pictures(
            host.agent,
            "test",
            () -> new FormationView.Life("life", Set.of()),
            election.ref(),
            hub.ref,
            view);
    var knowledge =
        new Knowledge(
            host.name(),
            false,
            host.agent.cluster().members().keySet(),
            host.agent.bootstrap().dcs());
    supervisor =
        kit.spawn(
            Supervisor.create(knowledge, Optional.of(host.postgres), election.ref(), pictures));
    hub.supervisors.add(supervisor);
  }

  /** Everybody's status to everybody, at once. */
  static final class Hub {
    final List<ActorRef<Supervisor.Command>> supervisors = new CopyOnWriteArrayList<>();
    final ActorRef<Members.Command> ref;

    Hub(ActorTestKit kit) {
      ref = kit.spawn(passOn(new TreeMap<>()));
    }

    private Behavior<Members.Command> passOn(SortedMap<NodeId, MemberStatus> known) {
      return Behaviors.receiveMessage(command -> {
        if (!(command instanceof Members.Publish(var status))) {
          return Behaviors.same();
        }
        var all = new TreeMap<>(known);
        all.put(status.node(), status);
        supervisors.forEach(it -> it.tell(new Supervisor.Saw(new Members.Heard(all))));
        return passOn(all);
      });
    }
  }

  // --- the election -----------------------------------------------------------------------------

  void leads(ClusterRecord record) {
    leads(record, LONG);
  }

  /** A lease of that length from now. */
  void leads(ClusterRecord record, Duration lease) {
    leads(record, lease, Set.of());
  }

  /** Answered by these. */
  void leads(ClusterRecord record, Set<NodeId> present) {
    leads(record, LONG, present);
  }

  private void leads(ClusterRecord record, Duration lease, Set<NodeId> present) {
    var until = Duration.ofNanos(HostClock.bootNanos()).plus(lease);
    var ballot = new Ballot(record.term(), host.name(), new StoreId("test"));
    hears(new LeaseView.Mine(ballot, until, record), present);
  }

  /** The election has made this node the leader of {@code record}, after {@code from}. */
  void wins(ClusterRecord record, NodeId from) {
    supervisor.tell(
        new Supervisor.Won(
            new Failover(
                record.term(),
                record.timeline(),
                Optional.of(from),
                host.name(),
                false,
                "the test says so",
                1,
                new TreeMap<>(Map.of(Phase.CHOSEN, Duration.ofMillis(1))),
                Duration.ofNanos(HostClock.bootNanos()),
                Failover.State.PROMOTING)));
  }

  void hears(LeaseView lease) {
    hears(lease, Set.of());
  }

  private void hears(LeaseView lease, Set<NodeId> present) {
    supervisor.tell(
        new Supervisor.Leadership(
            new Outlook(lease, Orders.NONE, Optional.of(IncarnationFile.NONE), present, false)));
  }

  ClusterRecord record(int term, NodeId leader, int timeline, Optional<String> identifier) {
    return new ClusterRecord(
        term,
        Optional.of(leader),
        Optional.of(leader),
        timeline,
        Electorate.ofUnheard(host.agent.cluster().members().keySet()),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        5_000,
        identifier,
        host.agent.bootstrap().dcs());
  }

  /** The next thing that the supervisor told the election of which this makes something. */
  <T> T told(String what, Function<Election.Command, Optional<T>> wanted) {
    var last =
        election
            .fishForMessage(
                TestHost.PATIENCE,
                what,
                it ->
                    wanted.apply(it).isPresent()
                        ? FishingOutcomes.complete()
                        : FishingOutcomes.continueAndIgnore())
            .getLast();
    return wanted.apply(last).orElseThrow();
  }

  /** What was told so far does not count any more. */
  void forgetTold() {
    var mark =
        new Election.GiveUp(Optional.of(new NodeId("mark")), Optional.empty(), Optional.empty());
    election.ref().tell(mark);
    told("the mark", it -> it.equals(mark) ? Optional.of(it) : Optional.empty());
  }

  /** As {@link #forgetTold()}; none of this was among it. */
  void forgetTold(Class<? extends Election.Command> never) {
    var mark =
        new Election.GiveUp(Optional.of(new NodeId("mark")), Optional.empty(), Optional.empty());
    election.ref().tell(mark);
    var said =
        told(
            "the mark",
            it -> it.equals(mark) || never.isInstance(it) ? Optional.of(it) : Optional.empty());
    assertThat(said).isEqualTo(mark);
  }

  Local toldLocal(String what, Function<Local, Boolean> wanted) {
    return told(
        what,
        it ->
            it instanceof Election.Tell(var local) && wanted.apply(local)
                ? Optional.of(local)
                : Optional.empty());
  }

  // --- what others see --------------------------------------------------------------------------

  NodeView view() {
    return view.get().orElseThrow();
  }

  void decides(String text) throws Exception {
    TestHost.eventually(
        host.name() + " decides: " + text,
        () -> view.get().filter(it -> it.decision().contains(text)).isPresent());
  }

  void isReady() throws Exception {
    TestHost.eventually(host.name() + " is ready", () -> view().self().ready());
  }

  void streams() throws Exception {
    TestHost.eventually(
        host.name() + " streams",
        () ->
            view.get()
                .filter(it -> it.self().replicationState().equals(Optional.of("streaming")))
                .isPresent());
    assertThat(host.query("SELECT pg_is_in_recovery()")).isEqualTo("t");
  }
}
