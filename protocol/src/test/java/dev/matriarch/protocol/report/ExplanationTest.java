package dev.matriarch.protocol.report;

import static dev.matriarch.protocol.report.Members.A;
import static dev.matriarch.protocol.report.Members.B;
import static dev.matriarch.protocol.report.Members.C;
import static dev.matriarch.protocol.report.Members.NOW;
import static dev.matriarch.protocol.report.Members.healthy;
import static dev.matriarch.protocol.report.Members.set;
import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.report.Explanation.Limits;
import dev.matriarch.protocol.report.Explanation.Verdict;
import dev.matriarch.protocol.report.Members.One;
import dev.matriarch.protocol.status.Ability;
import dev.matriarch.protocol.status.Hindrance;
import dev.matriarch.protocol.status.WritePathStatus;
import dev.matriarch.protocol.sync.SyncMode;
import dev.matriarch.protocol.sync.SyncPolicy;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Each sentence by example. */
class ExplanationTest {
  private static final SyncPolicy QUORUM = policy(SyncMode.QUORUM, false, OptionalLong.empty());
  private static final SyncPolicy PRIORITY = policy(SyncMode.PRIORITY, false, OptionalLong.empty());

  private static SyncPolicy policy(SyncMode mode, boolean strict, OptionalLong lag) {
    return new SyncPolicy(mode, strict, 1, lag, SyncPolicy.PATIENCE);
  }

  private static Explanation.Member member(Members members, SyncPolicy policy, NodeId node) {
    return Explanation.of(members.view(), new Limits(100, policy), NOW).members().stream()
        .filter(it -> it.node().equals(node))
        .findFirst()
        .orElseThrow();
  }

  private static Verdict leader(Members members, NodeId node) {
    return member(members, SyncPolicy.ASYNCHRONOUS, node).leader();
  }

  private static Verdict candidate(Members members, NodeId node) {
    return member(members, SyncPolicy.ASYNCHRONOUS, node).candidate();
  }

  private static Verdict synchronous(Members members, SyncPolicy policy, NodeId node) {
    return member(members, policy, node).synchronous();
  }

  private static Verdict candidate(One b) {
    return candidate(healthy().hears(b), B);
  }

  // --- leader -----------------------------------------------------------------------------------

  @Test
  void theLeaderTellsHowLongItsLeaseLasts() {
    assertThat(leader(healthy(), A))
        .isEqualTo(Verdict.yes("it holds the lease of term 7 for 2000 ms more"));
    assertThat(leader(healthy(), B)).isEqualTo(Verdict.no("a leads"));
  }

  @Test
  void aLeaderThatDoesNotCommitSaysWhatIsWrong() {
    var trouble = Optional.of("no commit has succeeded for 10 s: it hangs");
    var sick = healthy().writing(new WritePathStatus(Duration.ofSeconds(12), trouble));
    assertThat(leader(sick, A))
        .isEqualTo(
            Verdict.yes(
                "it holds the lease of term 7 for 2000 ms more; no commit has succeeded for 10 s:"
                    + " it hangs"));
    assertThat(leader(sick, B)).isEqualTo(Verdict.no("a leads"));
  }

  @Test
  void aLeaseThatRanOutIsNoLease() {
    var late = healthy();
    late.leaseUntil = NOW;
    assertThat(leader(late, A))
        .isEqualTo(
            Verdict.no(
                "nobody leads, as far as a knows; its lease has ended; it was elected last; its"
                    + " PostgreSQL still runs as primary, and is being stopped"));
  }

  @Test
  void aLeaderThatIsNotPromotedYetIsSaidToBe() {
    var elected = healthy().leader(Optional.of(B));
    assertThat(leader(elected, B))
        .isEqualTo(
            Verdict.yes(
                "it leads term 7, and its beats are heard; its PostgreSQL takes no writes yet"
                    + " (replica, running)"));
    assertThat(leader(elected.silent(B), B).because())
        .endsWith("; what its PostgreSQL does has not been heard");
  }

  // --- candidate --------------------------------------------------------------------------------

  @Test
  void aStandbyThatHasEverythingCouldLead() {
    assertThat(candidate(healthy(), B))
        .isEqualTo(Verdict.yes("it has all WAL that a told of; priority 1"));
    assertThat(candidate(new One(B).end(990)))
        .isEqualTo(Verdict.yes("10 bytes behind a; priority 1"));
    assertThat(candidate(healthy(), A)).isEqualTo(Verdict.no("it leads already"));
  }

  @Test
  void withoutALeaderTheBestThatIsHeardIsTheMeasure() {
    var leaderless = healthy().leader(Optional.empty()).silent(A);
    leaderless.hears(new One(B).end(900)).hears(new One(C).end(950));
    assertThat(candidate(leaderless, B).because()).startsWith("50 bytes behind c");
    assertThat(candidate(leaderless, C).because()).startsWith("nobody is known to have more WAL");
    assertThat(candidate(leaderless, A)).isEqualTo(Verdict.no("nothing is heard of its agent"));
  }

  @Test
  void whatKeepsAMemberFromLeadingIsSaid() {
    assertThat(candidate(new One(B).tags(Map.of("nofailover", true))).because())
        .isEqualTo("its tag nofailover is set");
    assertThat(candidate(new One(B).tags(Map.of("failover_priority", 0))).because())
        .isEqualTo("its tag failover_priority is 0");
    assertThat(candidate(new One(B).witness()).because())
        .isEqualTo("it is a witness: it votes and has no PostgreSQL");
    assertThat(candidate(new One(B).empty()).because()).isEqualTo("it has no data");
    assertThat(candidate(new One(B).system("8000")).because())
        .isEqualTo("its data are of another cluster, 8000, not 7001");
    assertThat(candidate(new One(B).stopped()).because())
        .isEqualTo("its PostgreSQL does not tell how much WAL it has (stopped)");
    assertThat(candidate(new One(B).timeline(4)).because())
        .isEqualTo("its WAL is of timeline 4, which was never elected");
    assertThat(candidate(new One(B).end(899)).because())
        .isEqualTo("it lacks 101 bytes that a has; maximum_lag_on_failover is 100");
    for (var it : Hindrance.values()) {
      var told = new Ability(Set.of(it), Optional.empty(), true);
      assertThat(candidate(new One(B).ability(Optional.of(told)))).isEqualTo(Verdict.no(it.text()));
    }
  }

  @Test
  void severalObstaclesAreAllSaid() {
    var told = new Ability(Set.of(Hindrance.MUTE, Hindrance.STOPPING), Optional.empty(), true);
    var b = new One(B).tags(Map.of("nofailover", true)).end(1).ability(Optional.of(told));
    assertThat(candidate(b).because().split("; "))
        .hasSizeGreaterThanOrEqualTo(4)
        .startsWith("its tag nofailover is set", "its agent or its PostgreSQL is stopping");
  }

  @Test
  void aFenceAndAVoteThatDoesNotCountAreFactsAndNoObstacles() {
    var fenced = new Ability(Set.of(), Optional.of("8/c"), true);
    var members = healthy().hears(new One(B).ability(Optional.of(fenced)));
    members.voters = Members.voters(A, C);
    assertThat(candidate(members, B))
        .isEqualTo(
            Verdict.yes(
                "it has all WAL that a told of; priority 1; fenced for ballot 8/c: it receives"
                    + " nothing until that one's leader runs; its vote does not count yet: the"
                    + " record does not name its store"));
  }

  @Test
  void aClusterWithoutARecordMayBeFoundedByAnybody() {
    var fresh = new Members().leader(Optional.empty()).hears(new One(B).empty());
    fresh.founded = false;
    assertThat(candidate(fresh, B).because()).startsWith("it may found the cluster; priority 1");
  }

  @Test
  void inSynchronousModeTheSetDecidesAndNotTheLag() {
    var members = healthy().set(Optional.of(set(2, A, B))).hears(new One(C).end(1));
    assertThat(candidate(members, B).because())
        .contains("1 of the synchronous set {a, b} must answer")
        .doesNotContain("outsider");
    assertThat(candidate(members, C))
        .matches(Verdict::holds)
        .extracting(Verdict::because)
        .asString()
        .contains("must answer, none with more WAL than this outsider");
  }

  @Test
  void whatOneNodeAloneAcknowledgedNobodyLeavesBehind() {
    assertThat(candidate(healthy().set(Optional.of(set(1, A))), B))
        .isEqualTo(Verdict.no("a alone acknowledges commits: without it nobody is elected"));
  }

  // --- synchronous ------------------------------------------------------------------------------

  @Test
  void modeOffAsksNobodyToWait() {
    assertThat(synchronous(healthy(), SyncPolicy.ASYNCHRONOUS, B))
        .isEqualTo(Verdict.no("synchronous_mode is off"));
    assertThat(synchronous(healthy(), QUORUM, B).because())
        .isEqualTo("the leader has not switched synchronous_mode on yet");
    var ending = healthy().set(Optional.of(set(2, A, B)));
    assertThat(synchronous(ending, SyncPolicy.ASYNCHRONOUS, B))
        .matches(Verdict::holds)
        .extracting(Verdict::because)
        .asString()
        .endsWith("; synchronous_mode is being switched off");
    assertThat(synchronous(ending, SyncPolicy.ASYNCHRONOUS, C).because())
        .isEqualTo("synchronous_mode is being switched off");
  }

  @Test
  void theLeaderTellsForWhomItsCommitsWait() {
    assertThat(synchronous(healthy().set(Optional.of(set(2, A, B, C))), QUORUM, A))
        .isEqualTo(
            Verdict.no("it leads; each commit is on 2 of {a, b, c} before it is acknowledged"));
    var alone = healthy().set(Optional.of(set(1, A)));
    assertThat(synchronous(alone, QUORUM, A).because()).endsWith("it acknowledges commits alone");
    assertThat(synchronous(alone, policy(SyncMode.QUORUM, true, OptionalLong.empty()), A).because())
        .endsWith("commits wait until one is");
  }

  @Test
  void aMemberOfTheSetIsSynchronousAndDoubtsAreSaid() {
    var members = healthy().set(Optional.of(set(2, A, B, C)));
    assertThat(synchronous(members, QUORUM, B))
        .isEqualTo(Verdict.yes("each commit is on 2 of {a, b, c} before it is acknowledged"));
    assertThat(synchronous(members.hears(new One(B).broken()), QUORUM, B))
        .matches(Verdict::holds)
        .extracting(Verdict::because)
        .asString()
        .endsWith("; it does not stream at the moment");
    assertThat(synchronous(members.silent(B), QUORUM, B))
        .matches(Verdict::holds)
        .extracting(Verdict::because)
        .asString()
        .endsWith("; nothing is heard of its agent");
  }

  @Test
  void whyAStandbyIsNotInTheSetIsSaid() {
    var base = Optional.of(set(2, A, B));
    assertThat(outside(new One(C).witness())).isEqualTo("it is a witness: it has no PostgreSQL");
    assertThat(outside(new One(C).tags(Map.of("nosync", true)))).isEqualTo("its tag nosync is set");
    assertThat(outside(new One(C).tags(Map.of("sync_priority", 0))))
        .isEqualTo("its tag sync_priority is 0");
    assertThat(outside(new One(C).broken())).isEqualTo("it does not stream (no replication)");
    assertThat(outside(new One(C).stopped())).isEqualTo("it does not stream (stopped)");
    assertThat(outside(new One(C)))
        .isEqualTo("it streams, and is on its way into the set; the leader proves each step first");
    assertThat(synchronous(healthy().set(base).silent(C), QUORUM, C))
        .isEqualTo(Verdict.no("nothing is heard of its agent"));
    assertThat(synchronous(healthy().set(base), PRIORITY, C).because())
        .isEqualTo("synchronous_node_count is 1, and the set is {a, b}");
    assertThat(
            synchronous(
                    healthy().set(base).hears(new One(C).end(500)),
                    policy(SyncMode.QUORUM, false, OptionalLong.of(499)),
                    C)
                .because())
        .isEqualTo("it is 500 bytes behind the best standby; maximum_lag_on_syncnode is 499");
    var long_ = new NodeId("n".repeat(47));
    assertThat(synchronous(healthy().set(base).hears(new One(long_)), QUORUM, long_).because())
        .isEqualTo("its name cannot be told to PostgreSQL: at most 46 printable ASCII characters");
  }

  @Test
  void dataThatWereMadeAnewAreNotTheOnesThatTheSetNames() {
    var members = healthy().set(Optional.of(set(2, A, B))).hears(new One(B).incarnation(2));
    assertThat(synchronous(members, QUORUM, B))
        .isEqualTo(Verdict.no("the set names earlier data of it, which were replaced by these"));
  }

  private static String outside(One c) {
    var verdict = synchronous(healthy().set(Optional.of(set(2, A, B))).hears(c), QUORUM, C);
    assertThat(verdict.holds()).isFalse();
    return verdict.because();
  }

  @Test
  void everyMemberIsExplainedWhetherHeardOrNotAndInOrder() {
    var explanation =
        Explanation.of(
            healthy().silent(C).view(), new Limits(0, SyncPolicy.ASYNCHRONOUS), Duration.ZERO);
    assertThat(explanation.members()).extracting(Explanation.Member::node).containsExactly(A, B, C);
    assertThat(explanation.term()).isEqualTo(7);
    assertThat(explanation.leader()).contains(A);
  }
}
