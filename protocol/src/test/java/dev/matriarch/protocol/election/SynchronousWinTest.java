package dev.matriarch.protocol.election;

import static dev.matriarch.protocol.election.Bench.A;
import static dev.matriarch.protocol.election.Bench.B;
import static dev.matriarch.protocol.election.Bench.C;
import static dev.matriarch.protocol.election.Bench.held;
import static dev.matriarch.protocol.election.Bench.set;
import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Position;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** With which promises a candidate wins in synchronous mode. */
class SynchronousWinTest {
  private final Bench node = Bench.synchronous(set(2, A, B, C));

  @Test
  void aReadQuorumOfFencedMembersWins() {
    stands(100).hears(promise(C, 1, 90, true));
    assertThat(accepting().leader()).contains(A);
    assertThat(accepting().timeline()).isEqualTo(4);
    assertThat(accepting().sync()).contains(set(2, A, B, C));
  }

  @Test
  void aMajorityWithoutAReadQuorumWaits() {
    stands(100).hears(promise(C, 2, 90, true));
    assertThat(node.state.standing())
        .as("another incarnation")
        .isInstanceOf(Standing.Preparing.class);
    node.hears(unknownPosition(C));
    assertThat(node.state.standing()).as("no position").isInstanceOf(Standing.Preparing.class);
    node.hears(promise(C, 1, 90, true));
    assertThat(node.state.standing()).isInstanceOf(Standing.Accepting.class);
  }

  @Test
  void aBetterNodeThatCanLeadGoesFirst() {
    stands(100).hears(promise(C, 1, 101, true));
    assertThat(node.state.standing()).isInstanceOf(Standing.Idle.class);
    assertThat(node.orders().fetch()).isEmpty();
  }

  @Test
  void theLogOfABetterNodeThatWasLetGoFirstAndDidNotWinIsFetched() {
    stands(100).hears(promise(C, 1, 101, true));
    stands(100).hears(promise(C, 1, 101, true));
    assertThat(node.orders().fetch()).contains(new Orders.Fetch(C, at(101)));
    node.reports(held(101, Optional.of(node.ballot())));
    assertThat(accepting().leader()).contains(A);
  }

  @Test
  void theLogOfABetterNodeThatCannotLeadIsFetched() {
    stands(100).hears(promise(C, 1, 101, false));
    assertThat(node.orders().fetch()).contains(new Orders.Fetch(C, at(101)));
    node.reports(held(101, Optional.of(node.ballot())));
    assertThat(accepting().leader()).contains(A);
    assertThat(node.orders().fetch()).isEmpty();
  }

  @Test
  void nothingIsFetchedUnderANewerPromise() {
    stands(100).hears(promise(C, 1, 101, false));
    var newer = Bench.ballot(node.ballot().term() + 1, B);
    node.hears(new ElectionMessage.Prepare(newer, Optional.empty(), false));
    node.reports(held(100, Optional.of(newer)));
    assertThat(node.orders().fetch()).isEmpty();
    assertThat(node.orders().fenceFor()).contains(newer);
  }

  @Test
  void aWinnerThatIsNoMemberJoins() {
    var outside = Bench.synchronous(set(2, B, C));
    stands(outside, 100).hears(promise(outside, C, 1, 90, true));
    var won = ((Standing.Accepting) outside.state.standing()).proposal().value().record();
    assertThat(won.sync()).contains(set(2, A, B, C));
  }

  @Test
  void whoHasWhatOneNodeAloneAcknowledgedTakesItsPlace() {
    var outside = Bench.synchronous(set(1, C));
    stands(outside, 100).hears(promise(outside, C, 1, 100, false));
    var won = ((Standing.Accepting) outside.state.standing()).proposal().value().record();
    assertThat(won.sync()).contains(set(1, A));
  }

  @Test
  void anOperatorMayAcceptLoss() {
    node.reports(held(100, Optional.empty()));
    node.takes(new Input.Force(node.now, "by hand"));
    node.reports(held(100, Optional.of(node.ballot())));
    node.hears(unknownPosition(C));
    assertThat(accepting().sync()).contains(set(1, A));
    assertThat(accepting().history().getLast().reason())
        .isEqualTo("forced, commits may be lost: by hand");
  }

  @Test
  void aLeaderThatStandsAgainLooksBeforeItBelievesItsStandbysToHoldMore() {
    stands(100).hears(promise(C, 1, 90, true));
    node.hears(new ElectionMessage.Accepted(C, Bench.store(C), new Version(node.ballot(), 1)));
    node.reports(leaderAt(200));
    var ballot = node.leader().lease().ballot();
    node.hears(new ElectionMessage.Refused(B, ballot, 9, 0));
    assertThat(node.machine.outlook(node.state, node.now).quiet()).as("a look is due").isTrue();
    node.hears(
        new ElectionMessage.Promise(
            C,
            Bench.store(C),
            node.ballot(),
            new Incarnation(C, 1),
            Optional.empty(),
            Optional.of(new Position(4, new Lsn(201))),
            true,
            true));
    assertThat(node.state.standing()).as("waits").isInstanceOf(Standing.Preparing.class);
    assertThat(node.view()).isInstanceOf(LeaseView.Mine.class);
    node.reports(leaderAt(205));
    assertThat(accepting().leader()).contains(A);
    assertThat(accepting().timeline()).isEqualTo(4);
  }

  private static Local leaderAt(long lsn) {
    var set = Optional.of(set(2, A, B, C));
    return Bench.with(
        Bench.local(Optional.of(4), Optional.of(new Position(4, new Lsn(lsn)))),
        new Local.Replication(
            Optional.of(1L), Optional.empty(), Optional.empty(), false, Set.of(set), set));
  }

  @Test
  void otherDataThanTheStoreKnowsAreANewIncarnation() {
    var other =
        new Local(
            true,
            Optional.of(true),
            Optional.empty(),
            Optional.of(at(100)),
            Optional.of(Bench.SYSTEM),
            1,
            0,
            new Local.Replication(
                Optional.of(77L),
                Optional.empty(),
                Optional.empty(),
                false,
                Set.of(),
                Optional.empty()));
    node.reports(other);
    var number = node.orders().incarnation().orElseThrow();
    assertThat(number).isNotIn(1L, 77L);
    assertThat(node.state.voter().incarnation()).isEqualTo(new Incarnation(A, number));
    node.reports(other);
    assertThat(node.orders().incarnation()).as("ordered once").contains(number);
  }

  @Test
  void lessLogThanWasReportedIsANewIncarnation() {
    stands(100);
    node.reports(held(99, Optional.of(node.ballot())));
    assertThat(node.orders().incarnation()).isPresent();
  }

  private Bench stands(long lsn) {
    return stands(node, lsn);
  }

  private static Bench stands(Bench bench, long lsn) {
    bench.reports(held(lsn, Optional.empty())).stands();
    return bench.reports(held(lsn, Optional.of(bench.ballot())));
  }

  private ClusterRecord accepting() {
    return ((Standing.Accepting) node.state.standing()).proposal().value().record();
  }

  private ElectionMessage.Promise promise(NodeId from, long incarnation, long lsn, boolean able) {
    return promise(node, from, incarnation, lsn, able);
  }

  private static ElectionMessage.Promise promise(
      Bench to, NodeId from, long incarnation, long lsn, boolean able) {
    return new ElectionMessage.Promise(
        from,
        Bench.store(from),
        to.ballot(),
        new Incarnation(from, incarnation),
        Optional.empty(),
        Optional.of(at(lsn)),
        able,
        true);
  }

  private ElectionMessage.Promise unknownPosition(NodeId from) {
    return new ElectionMessage.Promise(
        from,
        Bench.store(from),
        node.ballot(),
        new Incarnation(from, 1),
        Optional.empty(),
        Optional.empty(),
        true,
        true);
  }

  private static Position at(long lsn) {
    return new Position(3, new Lsn(lsn));
  }
}
