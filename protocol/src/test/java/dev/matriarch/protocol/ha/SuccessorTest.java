package dev.matriarch.protocol.ha;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.protocol.election.Incarnation;
import dev.matriarch.protocol.election.SyncSet;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Tags;
import dev.matriarch.protocol.status.Ability;
import dev.matriarch.protocol.status.Hindrance;
import dev.matriarch.protocol.status.MemberStatus;
import dev.matriarch.protocol.status.PgRole;
import dev.matriarch.protocol.status.PgState;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Who could take over from a leader that has to go. */
class SuccessorTest extends HaPolicySpace {
  private static final NodeId THIRD = new NodeId("c");

  @Test
  void theOneWithTheMostWalIsTheSuccessor() {
    assertThat(successor(false, member(OTHER, 900), member(THIRD, 950))).contains(THIRD);
    assertThat(successor(false, member(OTHER, 900), member(THIRD, 900))).contains(OTHER);
  }

  @Test
  void whoCouldNotLeadIsNoSuccessor() {
    var hindered =
        member(OTHER, 950, new Ability(Set.of(Hindrance.REBUILDING), Optional.empty(), true));
    assertThat(successor(false, hindered)).isEmpty();
    assertThat(successor(false, member(ME, 950))).isEmpty();
    assertThat(successor(false, member(OTHER, 899))).as("lacks more than the limit").isEmpty();
    assertThat(successor(false, silent(OTHER))).isEmpty();
    assertThat(successor(false, barred(OTHER))).isEmpty();
  }

  @Test
  void whoStreamedWhenPostgresWasLastUpCounts() {
    var wanted =
        new WritePathRules.Wanted(
            ME, Optional.of(new Lsn(1000)), Set.of(OTHER), Optional.empty(), 100, false);
    assertThat(WritePathRules.successor(List.of(silent(OTHER), silent(THIRD)), wanted))
        .contains(OTHER);
  }

  @Test
  void roomCountsWhereItIsAskedFor() {
    var full = member(OTHER, 950, new Ability(Set.of(), Optional.empty(), false));
    assertThat(successor(false, full)).contains(OTHER);
    assertThat(successor(true, full)).isEmpty();
    assertThat(successor(true, full, member(THIRD, 900))).contains(THIRD);
  }

  @Test
  void inSynchronousModeOnlyTheSetCountsAndNoLag() {
    var set = new SyncSet(Set.of(new Incarnation(ME, 1), new Incarnation(THIRD, 1)), 2);
    var wanted =
        new WritePathRules.Wanted(
            ME, Optional.of(new Lsn(1000)), Set.of(), Optional.of(set), 100, false);
    assertThat(WritePathRules.successor(List.of(member(OTHER, 990), member(THIRD, 10)), wanted))
        .contains(THIRD);
  }

  private static Optional<NodeId> successor(boolean room, MemberStatus... members) {
    return WritePathRules.successor(
        List.of(members),
        new WritePathRules.Wanted(
            ME, Optional.of(new Lsn(1000)), Set.of(), Optional.empty(), 100, room));
  }

  private static MemberStatus member(NodeId node, long end) {
    return member(node, end, Ability.FREE);
  }

  private static MemberStatus member(NodeId node, long end, Ability ability) {
    return status(node, end, Tags.NONE, Optional.of("streaming"), ability);
  }

  private static MemberStatus silent(NodeId node) {
    return status(node, 1000, Tags.NONE, Optional.empty(), Ability.FREE);
  }

  private static MemberStatus barred(NodeId node) {
    var tags = new Tags(Map.of("nofailover", true));
    return status(node, 1000, tags, Optional.of("streaming"), Ability.FREE);
  }

  private static MemberStatus status(
      NodeId node, long end, Tags tags, Optional<String> replication, Ability ability) {
    return new MemberStatus(
        node,
        "0.1.0",
        "http://127.0.0.1:8008/patroni",
        Optional.empty(),
        PgState.RUNNING,
        PgRole.REPLICA,
        Optional.of(TIMELINE),
        Optional.empty(),
        Optional.of(new Lsn(end)),
        Optional.empty(),
        replication,
        Optional.of(OURS),
        Optional.of(OURS),
        Optional.empty(),
        tags,
        false,
        false,
        false,
        "",
        Set.of(),
        Optional.of(1L),
        Optional.of(ability));
  }
}
