package dev.matriarch.protocol.election;

import static dev.matriarch.protocol.election.Bench.A;
import static dev.matriarch.protocol.election.Bench.B;
import static dev.matriarch.protocol.election.Bench.C;
import static dev.matriarch.protocol.election.Bench.ballot;
import static dev.matriarch.protocol.election.Bench.record;
import static dev.matriarch.protocol.election.Bench.value;
import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Position;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Stores that are new beside data that an earlier store knew. */
class ForgetfulVoterTest {
  private static final long EARLIER = 77;
  private final Bench node = new Bench(VoterState.fresh(A, Bench.store(A), 1));

  @Test
  void aStoreThatIsNewBesideNumberedDataSaysSo() {
    node.reports(held(Optional.of(EARLIER)));
    assertThat(promised().forgetful()).isTrue();
    assertThat(node.machine.isForgetful(node.state)).isTrue();
    var number = node.machine.orders(node.state, node.now).incarnation();
    assertThat(number).isPresent();
    node.reports(held(number));
    assertThat(promised().forgetful()).as("also with a number of its own").isTrue();
    assertThat(new Bench(node.state.voter()).reports(held(number)).state.voter().predecessor())
        .as("after a restart")
        .contains(EARLIER);
  }

  @Test
  void beforeAnybodyHasLookedItMayHaveForgotten() {
    assertThat(promised().forgetful()).isTrue();
    node.reports(held(Optional.empty()));
    assertThat(promised().forgetful()).as("its number cannot be read").isTrue();
  }

  @Test
  void aStoreThatIsAsNewAsItsDataHasForgottenNothing() {
    node.reports(held(Optional.of(0L)));
    assertThat(promised().forgetful()).isFalse();
    assertThat(node.machine.orders(node.state, node.now).incarnation()).isPresent();
    node.reports(held(node.machine.orders(node.state, node.now).incarnation()));
    assertThat(promised().forgetful()).isFalse();
  }

  @Test
  void whoHasARecordHasNotForgottenIt() {
    var knows = new Bench(Bench.stored(value(ballot(5, B), 1, record(5, B, 3))));
    knows.reports(held(Optional.of(EARLIER)));
    assertThat(knows.state.voter().predecessor()).isEmpty();
    assertThat(knows.machine.isForgetful(knows.state)).isFalse();
    assertThat(knows.machine.orders(knows.state, knows.now).incarnation()).isPresent();
  }

  @Test
  void aMajorityThatMayHaveForgottenFoundsNothing() {
    node.reports(held(Optional.of(0L)));
    node.stands().hears(forgetful(C));
    assertThat(node.state.standing()).isInstanceOf(Standing.Preparing.class);
    node.hears(forgetful(B));
    assertThat(node.state.standing())
        .as("nobody is missing")
        .isInstanceOf(Standing.Accepting.class);
  }

  @Test
  void whoMayHaveForgottenFoundsNothingWithAMajority() {
    node.reports(held(Optional.of(EARLIER)));
    node.stands().hears(Bench.promise(C, node.ballot(), Optional.empty()));
    assertThat(node.state.standing()).isInstanceOf(Standing.Preparing.class);
  }

  @Test
  void aRecordIsFollowedWhoeverHasForgottenIt() {
    node.reports(held(Optional.of(EARLIER)));
    node.stands();
    var known = value(ballot(5, B), 1, record(5, B, 3));
    node.hears(Bench.promise(B, node.ballot(), Optional.of(known)));
    node.hears(Bench.promise(C, node.ballot(), Optional.of(known)));
    assertThat(node.state.standing()).isInstanceOf(Standing.Accepting.class);
    assertThat(node.state.voter().predecessor()).as("it knows it now").isEmpty();
  }

  private ElectionMessage.Promise promised() {
    var term = node.state.voter().promised().term() + 1;
    node.hears(new ElectionMessage.Prepare(ballot(term, C), Optional.empty(), false));
    return node.sent(C, ElectionMessage.Promise.class).getLast();
  }

  private ElectionMessage.Promise forgetful(NodeId from) {
    return new ElectionMessage.Promise(
        from,
        Bench.store(from),
        node.ballot(),
        new Incarnation(from, 2),
        Optional.empty(),
        Optional.empty(),
        false,
        false,
        true);
  }

  private static Local held(Optional<Long> number) {
    return new Local(
        true,
        Optional.of(true),
        Optional.empty(),
        Optional.of(new Position(3, new Lsn(100))),
        Optional.of(Bench.SYSTEM),
        1,
        1_000,
        new Local.Replication(
            number, Optional.empty(), Optional.empty(), false, Set.of(), Optional.empty()));
  }
}
