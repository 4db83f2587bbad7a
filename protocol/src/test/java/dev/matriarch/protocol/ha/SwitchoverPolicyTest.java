package dev.matriarch.protocol.ha;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.protocol.election.Incarnation;
import dev.matriarch.protocol.election.SyncSet;
import dev.matriarch.protocol.ha.SwitchoverAnswer.Result;
import dev.matriarch.protocol.ha.SwitchoverPolicy.Verdict;
import dev.matriarch.protocol.ha.SwitchoverRequest.Kind;
import dev.matriarch.protocol.model.Endpoint;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Tags;
import dev.matriarch.protocol.status.MemberStatus;
import dev.matriarch.protocol.status.PgRole;
import dev.matriarch.protocol.status.PgState;
import dev.matriarch.protocol.sync.SyncMode;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Who may take over on purpose, and what is said when nobody may. */
class SwitchoverPolicyTest {
  private static final NodeId A = new NodeId("a");
  private static final NodeId B = new NodeId("b");
  private static final NodeId C = new NodeId("c");
  private static final Optional<Endpoint> ADDRESS = Optional.of(new Endpoint("10.0.0.1", 5432));
  private static final long WRITTEN = 10_000;
  private static final long LAG_MAX = 1_000;

  private final Map<NodeId, Lsn> confirmed = new HashMap<>();
  private final TreeMap<NodeId, MemberStatus> others = new TreeMap<>();
  private boolean primary = true;
  private boolean paused;
  private SyncMode mode = SyncMode.OFF;
  private Optional<SyncSet> sync = Optional.empty();

  // --- who --------------------------------------------------------------------------------------

  @Test
  void theNamedStandbyIsTakenWhoeverIsAhead() {
    streaming(B, 9_500).streaming(C, WRITTEN);
    assertThat(judge(Kind.SWITCHOVER, B)).isEqualTo(new Verdict.HandOver(B));
  }

  @Test
  void withoutANameTheOneThatLacksLeastIsTaken() {
    streaming(B, 9_500).streaming(C, 9_600);
    assertThat(judge(Kind.SWITCHOVER)).isEqualTo(new Verdict.HandOver(C));
  }

  @Test
  void ofEqualsTheHigherPriorityIsTakenAndThenTheFirstName() {
    streaming(C, WRITTEN).streaming(B, WRITTEN);
    assertThat(judge(Kind.SWITCHOVER)).isEqualTo(new Verdict.HandOver(B));
    tags(C, Map.of("failover_priority", 2));
    assertThat(judge(Kind.SWITCHOVER)).isEqualTo(new Verdict.HandOver(C));
  }

  @Test
  void thatAStandbyStreamsIsTakenFromTheSendersOfTheLeaderToo() {
    others.put(B, status(B, Optional.empty(), 0, Tags.NONE, ADDRESS));
    assertThat(judge(Kind.SWITCHOVER, B)).satisfies(refusedWith("b does not stream"));
    confirmed.put(B, new Lsn(WRITTEN));
    assertThat(judge(Kind.SWITCHOVER, B)).isEqualTo(new Verdict.HandOver(B));
  }

  @Test
  void whatTheLeaderSawOfAStandbyIsNewerThanItsOwnWord() {
    streaming(B, 1);
    assertThat(judge(Kind.SWITCHOVER, B)).satisfies(refusedWith("lacks 9999 bytes"));
    confirmed.put(B, new Lsn(WRITTEN));
    assertThat(judge(Kind.SWITCHOVER, B)).isEqualTo(new Verdict.HandOver(B));
  }

  @Test
  void aFailoverTakesAStandbyThatIsNotSynchronous() {
    streaming(B, WRITTEN).streaming(C, WRITTEN).synchronous(SyncMode.PRIORITY, A, C);
    assertThat(judge(Kind.FAILOVER, B)).isEqualTo(new Verdict.HandOver(B));
  }

  @Test
  void inSynchronousModeOnlyMembersOfTheSetAreTaken() {
    streaming(B, WRITTEN).streaming(C, 9_500);
    for (var synchronousMode : List.of(SyncMode.PRIORITY, SyncMode.QUORUM)) {
      synchronous(synchronousMode, A, C);
      assertThat(judge(Kind.SWITCHOVER)).isEqualTo(new Verdict.HandOver(C));
      assertThat(judge(Kind.SWITCHOVER, B))
          .satisfies(refused("candidate name does not match with sync_standby"));
    }
  }

  @Test
  void aStandbyWhoseDataWereCopiedAnewIsNotTheMemberOfTheSet() {
    streaming(B, WRITTEN);
    mode = SyncMode.QUORUM;
    sync = Optional.of(new SyncSet(Set.of(new Incarnation(A, 1), new Incarnation(B, 7)), 2));
    assertThat(judge(Kind.SWITCHOVER))
        .satisfies(refused("switchover is not possible: can not find sync_standby"));
  }

  // --- who not ----------------------------------------------------------------------------------

  @Test
  void onlyThePrimaryThatIsMeantHandsOver() {
    streaming(B, WRITTEN);
    var other = new SwitchoverRequest(Kind.SWITCHOVER, Optional.of(C), Optional.of(B));
    assertThat(SwitchoverPolicy.judge(other, view()))
        .satisfies(refused("leader name does not match"));
    primary = false;
    assertThat(judge(Kind.SWITCHOVER, B)).satisfies(refused("leader name does not match"));
  }

  @Test
  void whoCannotLeadIsRefusedWithTheReason() {
    assertThat(judge(Kind.SWITCHOVER))
        .satisfies(
            refused("switchover is not possible: cluster does not have members except leader"));
    streaming(B, WRITTEN);
    assertThat(judge(Kind.SWITCHOVER, C)).satisfies(refused("candidate does not exists"));
    assertThat(judge(Kind.SWITCHOVER, A))
        .satisfies(refused("Switchover target and source are the same"));
    tags(B, Map.of("nofailover", true));
    assertThat(judge(Kind.SWITCHOVER, B))
        .satisfies(
            refused(
                "switchover is not possible: no good candidates have been found (b must not lead,"
                    + " by its tags)"));
    assertThat(judge(Kind.SWITCHOVER)).satisfies(refusedWith("b must not lead"));
    assertThat(judge(Kind.FAILOVER, B)).satisfies(refusedWith("failover is not possible"));
  }

  @Test
  void aStandbyThatIsTooFarBehindIsRefused() {
    streaming(B, WRITTEN - LAG_MAX);
    assertThat(judge(Kind.SWITCHOVER, B)).isEqualTo(new Verdict.HandOver(B));
    streaming(B, WRITTEN - LAG_MAX - 1);
    assertThat(judge(Kind.SWITCHOVER, B))
        .satisfies(refusedWith("b lacks 1001 bytes of WAL, maximum_lag_on_failover is 1000"));
    assertThat(judge(Kind.SWITCHOVER)).satisfies(refusedWith("b lacks 1001 bytes"));
  }

  @Test
  void aWitnessIsRefused() {
    others.put(B, status(B, Optional.empty(), 0, Tags.NONE, Optional.empty()));
    assertThat(judge(Kind.SWITCHOVER, B)).satisfies(refusedWith("b is a witness"));
    assertThat(judge(Kind.SWITCHOVER)).satisfies(refusedWith("only witnesses"));
  }

  @Test
  void whilePausedTheCandidateHasToBeNamed() {
    streaming(B, WRITTEN);
    paused = true;
    assertThat(judge(Kind.SWITCHOVER))
        .satisfies(
            refused("Switchover is possible only to a specific candidate in a paused state"));
    assertThat(judge(Kind.SWITCHOVER, B)).isEqualTo(new Verdict.HandOver(B));
  }

  // --- words ------------------------------------------------------------------------------------

  @Test
  void theOutcomeIsToldInPatronisWords() {
    assertThat(SwitchoverAnswer.done(Kind.SWITCHOVER, B, B).text())
        .isEqualTo("Successfully switched over to \"b\"");
    assertThat(SwitchoverAnswer.done(Kind.FAILOVER, B, B).text())
        .isEqualTo("Successfully failed over to \"b\"");
    assertThat(SwitchoverAnswer.done(Kind.SWITCHOVER, B, C).text())
        .isEqualTo("Switched over to \"c\" instead of \"b\"");
    assertThat(SwitchoverAnswer.failed(Kind.FAILOVER, "why").text())
        .isEqualTo("Failover failed: why");
    assertThat(SwitchoverAnswer.unknown(Kind.SWITCHOVER, Duration.ofSeconds(20)).text())
        .isEqualTo(
            "Switchover status unknown after 20 seconds; operation may still be in progress");
  }

  // --- the scene --------------------------------------------------------------------------------

  private SwitchoverPolicyTest streaming(NodeId node, long received) {
    others.put(node, status(node, Optional.of("streaming"), received, Tags.NONE, ADDRESS));
    return this;
  }

  private void tags(NodeId node, Map<String, Object> tags) {
    others.put(node, status(node, Optional.of("streaming"), WRITTEN, new Tags(tags), ADDRESS));
  }

  private void synchronous(SyncMode newMode, NodeId... members) {
    mode = newMode;
    var all = new HashSet<Incarnation>();
    for (var member : members) {
      all.add(new Incarnation(member, 1));
    }
    sync = Optional.of(new SyncSet(all, 2));
  }

  private static MemberStatus status(
      NodeId node,
      Optional<String> replication,
      long received,
      Tags tags,
      Optional<Endpoint> postgres) {
    return new MemberStatus(
        node,
        "0.1.0",
        "http://10.0.0.1:8008/patroni",
        postgres,
        PgState.RUNNING,
        PgRole.REPLICA,
        Optional.of(1),
        Optional.empty(),
        Optional.of(new Lsn(received)),
        Optional.of(new Lsn(received)),
        replication,
        Optional.empty(),
        Optional.empty(),
        Optional.of(150_000),
        tags,
        false,
        false,
        false,
        "",
        Set.of(),
        Optional.of(1L),
        Optional.empty());
  }

  private Verdict judge(Kind kind, NodeId... candidate) {
    var named = candidate.length == 0 ? Optional.<NodeId>empty() : Optional.of(candidate[0]);
    return SwitchoverPolicy.judge(new SwitchoverRequest(kind, Optional.of(A), named), view());
  }

  private SwitchoverView view() {
    return new SwitchoverView(
        A, primary, Optional.of(new Lsn(WRITTEN)), others, confirmed, sync, mode, LAG_MAX, paused);
  }

  private static Consumer<Verdict> refused(String text) {
    return verdict ->
        assertThat(verdict)
            .isEqualTo(new Verdict.Refuse(new SwitchoverAnswer(Result.NOT_POSSIBLE, text)));
  }

  private static Consumer<Verdict> refusedWith(String part) {
    return verdict ->
        assertThat(verdict)
            .isInstanceOfSatisfying(
                Verdict.Refuse.class, it -> assertThat(it.answer().text()).contains(part));
  }
}
