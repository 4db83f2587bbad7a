package dev.matriarch.actors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.actors.Observation.Seen;
import dev.matriarch.actors.postgres.InstanceStatus;
import dev.matriarch.actors.postgres.Watchdog;
import dev.matriarch.config.WatchdogSettings;
import dev.matriarch.protocol.election.Ballot;
import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.election.Electorate;
import dev.matriarch.protocol.election.LeaseView;
import dev.matriarch.protocol.election.Local;
import dev.matriarch.protocol.ha.HaPolicy;
import dev.matriarch.protocol.ha.Instance;
import dev.matriarch.protocol.ha.Operation;
import dev.matriarch.protocol.ha.Rejoin;
import dev.matriarch.protocol.model.Endpoint;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Position;
import dev.matriarch.protocol.model.Tags;
import dev.matriarch.protocol.status.Hindrance;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What is known, step by step, and what the election is told of it. */
class KnowledgeTest {
  private static final NodeId ME = new NodeId("a");
  private static final NodeId OTHER = new NodeId("b");
  private static final String ID = "7000000000000000001";
  private static final int TIMELINE = 3;
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Seen DOWN =
      new Seen.Down(ID, new Position(TIMELINE, Lsn.ZERO), Instance.Shutdown.PRIMARY_UNCLEAN);

  private final Knowledge knowledge = new Knowledge(ME, false, Set.of(ME), Map.of());
  private Duration now = Duration.ofHours(1);
  private Local told = Local.NOTHING;

  // --- who answers ------------------------------------------------------------------------------

  @Test
  void aMemberIsLostOnceItHasNotAnsweredForAWhile() {
    assertThat(knowledge.isLost(OTHER, now)).isTrue();
    knowledge.answeredBy(Set.of(ME, OTHER), now);
    now = now.plus(SECOND);
    knowledge.answeredBy(Set.of(ME), now); // it is the slower one
    now = now.plusMillis(499);
    assertThat(knowledge.isLost(OTHER, now)).isFalse();
    knowledge.answeredBy(Set.of(ME, OTHER), now);
    knowledge.answeredBy(Set.of(ME), now);
    now = now.plusMillis(499);
    assertThat(knowledge.isLost(OTHER, now)).isFalse();
    assertThat(knowledge.isLost(OTHER, now.plusMillis(1))).isTrue();
  }

  @Test
  void aMemberThatHasToldOfNoPostgresIsAWitnessAlsoWhenItIsSilent() {
    assertThat(knowledge.isWitness(OTHER)).isFalse();
    knowledge.heard(new TreeMap<>(Map.of(OTHER, Statuses.of(OTHER))));
    knowledge.heard(new TreeMap<>());
    assertThat(knowledge.isWitness(OTHER)).isTrue();
    var server = new Endpoint("10.0.0.2", 5432);
    knowledge.heard(new TreeMap<>(Map.of(OTHER, Statuses.primary(OTHER, server, TIMELINE))));
    assertThat(knowledge.isWitness(OTHER)).isFalse();
  }

  // --- crashes ----------------------------------------------------------------------------------

  @Test
  void crashesInARowAreCountedAlsoAfterALongLife() {
    see(primary());
    now = now.plus(Duration.ofHours(5));
    see(primary());
    for (var crash = 1; crash <= HaPolicy.CRASHES_MAX; crash++) {
      see(DOWN);
      see(DOWN);
      assertThat(knowledge.crashes).isEqualTo(crash);
      run(Operation.START_PRIMARY);
      end();
      see(primary());
      now = now.plus(SECOND);
    }
    assertThat(tell().able()).as("others go first").isFalse();
  }

  @Test
  void aMinuteWithoutACrashIsANewBeginning() {
    see(primary());
    see(DOWN);
    run(Operation.START_PRIMARY);
    end();
    see(primary());
    now = now.plus(SECOND.multipliedBy(61));
    see(primary());
    assertThat(knowledge.crashes).isZero();
  }

  @Test
  void anEndIsCountedOnceWhoeverSeesItFirst() {
    see(primary());
    knowledge.ended(now);
    see(DOWN);
    knowledge.ended(now);
    assertThat(knowledge.crashes).isOne();
  }

  @Test
  void theEndOfAStandbyIsNoCrash() {
    see(primary());
    see(standby());
    see(DOWN);
    assertThat(knowledge.crashes).isZero();
  }

  // --- what may be a primary --------------------------------------------------------------------

  @Test
  void thePromotionIsToldFromBeforeItsBeginUntilItsResultWasSeen() {
    leads(TIMELINE);
    see(standby());
    assertThat(tell().primaryOn()).isEmpty();
    knowledge.becoming = Optional.of(TIMELINE);
    run(Operation.PROMOTE);
    assertThat(tell().primaryOn()).contains(TIMELINE);
    see(standby());
    assertThat(tell().primaryOn()).contains(TIMELINE);
    end();
    assertThat(knowledge.instance(now)).isInstanceOf(Instance.Unseen.class);
    assertThat(tell().primaryOn()).contains(TIMELINE);
    see(primary());
    assertThat(tell().primaryOn()).contains(TIMELINE);
  }

  @Test
  void aPromotionThatCameToNothingIsOverOnceThatWasSeen() {
    for (var result : List.of(standby(), DOWN)) {
      see(standby());
      knowledge.becoming = Optional.of(TIMELINE);
      run(Operation.PROMOTE);
      end();
      assertThat(tell().primaryOn()).contains(TIMELINE);
      see(result);
      assertThat(tell().primaryOn()).isEmpty();
    }
  }

  @Test
  void aPrimaryThatStartsForLongIsToldAllTheTime() {
    leads(TIMELINE);
    see(DOWN);
    assertThat(tell().primaryOn()).isEmpty();
    knowledge.becoming = Optional.of(TIMELINE);
    run(Operation.START_PRIMARY);
    end();
    for (var seen :
        List.of(
            new Seen.Starting(Optional.empty(), true),
            new Seen.Silent(Optional.empty(), "", true),
            new Seen.Starting(Optional.empty(), true))) {
      see(seen);
      assertThat(tell().primaryOn()).as("%s", seen).contains(TIMELINE);
    }
    see(primary());
    assertThat(tell().primaryOn()).contains(TIMELINE);
  }

  @Test
  void anAgentThatFindsAPrimaryStartingOrHangingTellsTheRecordsTimeline() {
    knowledge.lease = new LeaseView.Vacant(Optional.of(record(TIMELINE)));
    for (var seen :
        List.of(
            new Seen.Starting(Optional.empty(), true),
            new Seen.Silent(Optional.empty(), "", true),
            new Seen.Promoting())) {
      told = Local.NOTHING;
      see(seen);
      assertThat(tell().primaryOn()).as("%s", seen).contains(TIMELINE);
    }
  }

  @Test
  void whatRunsIsNotTakenForStoppedWhateverItsFilesSay() {
    see(primary());
    tell();
    for (var seen : List.of(DOWN, new Seen.NoData(false), new Seen.Unusable("cannot be read"))) {
      knowledge.saw(new Observation(0, seen, Optional.empty(), false, Optional.empty()), true, now);
      assertThat(knowledge.instance(now))
          .isEqualTo(new Instance.Silent(Optional.empty(), true, Duration.ZERO));
      assertThat(tell().primaryOn()).contains(TIMELINE);
      assertThat(knowledge.crashes).isZero();
    }
  }

  /** Else its lease could not be released. */
  @Test
  void whatWasKilledIsNoPrimaryThoughItsProcessIsStillThere() {
    leads(TIMELINE);
    see(primary());
    assertThat(tell().primaryOn()).contains(TIMELINE);
    var killed = new Observation(0, new Seen.Killed(), Optional.empty(), false, Optional.empty());
    knowledge.saw(killed, true, now);
    assertThat(knowledge.instance(now)).isEqualTo(new Instance.Killed());
    assertThat(tell().primaryOn()).isEmpty();
    assertThat(tell().position()).isEmpty();
    assertThat(tell().hasData()).contains(true);
    assertThat(tell().able()).isFalse();
  }

  @Test
  void aStandbyThatLetsNobodyInAnyMoreDoesNotStand() {
    see(standby());
    assertThat(tell().able()).isTrue();
    var ending = new Observation(0, standby(), Optional.empty(), true, Optional.empty());
    knowledge.saw(ending, true, now);
    assertThat(tell().able()).isFalse();
    assertThat(LocalPicture.ability(knowledge, now).hindrances())
        .containsExactly(Hindrance.STOPPING);
    see(standby());
    assertThat(tell().able()).isTrue();
    run(Operation.FENCE);
    knowledge.saw(ending, true, now);
    assertThat(tell().able()).as("an operation of its own ends it and starts it again").isTrue();
  }

  @Test
  void aStandbyThatHangsIsNoPrimary() {
    see(primary());
    see(DOWN);
    see(new Seen.Silent(Optional.empty(), "", false));
    assertThat(tell().primaryOn()).isEmpty();
    assertThat(knowledge.instance(now))
        .isEqualTo(new Instance.Silent(Optional.empty(), false, Duration.ZERO));
  }

  // --- positions --------------------------------------------------------------------------------

  @Test
  void dataThatAreRemadeHaveNoPosition() {
    for (var operation : List.of(Operation.CLONE, Operation.REWIND)) {
      see(standby());
      assertThat(tell().position()).isPresent();
      run(operation);
      assertThat(tell().position()).isEmpty();
      assertThat(tell().able()).isFalse();
      end();
      see(new Seen.Starting(Optional.empty(), false));
      assertThat(tell().position()).as("not the one from before").isEmpty();
      assertThat(tell().able()).isFalse();
      see(standby());
      assertThat(tell().position()).contains(new Position(TIMELINE, new Lsn(9)));
    }
  }

  @Test
  void aNodeWithoutTheWatchdogThatIsRequiredDoesNotStand() {
    see(standby());
    for (var mode : WatchdogSettings.Mode.values()) {
      knowledge.guardian.use(
          new Watchdog(
              new WatchdogSettings(mode, Path.of("/nowhere/dog"), Duration.ofSeconds(-1), false)));
      assertThat(tell().able()).isEqualTo(mode != WatchdogSettings.Mode.REQUIRED);
    }
  }

  @Test
  void aNodeWhosePositionIsNotKnownDoesNotStand() {
    see(DOWN);
    assertThat(tell().able()).isFalse();
    see(new Seen.Starting(Optional.empty(), false));
    assertThat(tell().able()).isFalse();
    see(standby());
    assertThat(tell().able()).isTrue();
    see(new Seen.NoData(false));
    assertThat(tell().able()).as("it may make a new cluster").isTrue();
  }

  // --- leaders ----------------------------------------------------------------------------------

  @Test
  void theAddressOfASilentLeaderIsKept() {
    var address = new Endpoint("10.0.0.2", 5432);
    knowledge.lease = new LeaseView.Theirs(OTHER, record(TIMELINE));
    assertThat(knowledge.view(now).leaderAddressed()).isFalse();
    knowledge.heard(new TreeMap<>(Map.of(OTHER, Statuses.primary(OTHER, address, TIMELINE))));
    knowledge.heard(new TreeMap<>());
    assertThat(knowledge.upstreamOf(OTHER)).contains(new Upstream(OTHER, address));
    assertThat(knowledge.view(now).leaderAddressed()).isTrue();
    assertThat(knowledge.view(now).leaderReady()).isFalse();
  }

  @Test
  void whatCannotBeRecoveredIsToBeCloned() {
    knowledge.lease = new LeaseView.Theirs(OTHER, record(TIMELINE));
    knowledge.recovered(false, now);
    knowledge.recovered(true, now);
    knowledge.recovered(false, now);
    knowledge.recovered(false, now);
    assertThat(knowledge.view(now).rejoin()).isEmpty();
    knowledge.recovered(false, now);
    assertThat(knowledge.view(now).rejoin()).contains(Rejoin.CLONE);
  }

  @Test
  void whatStreamsAnEarlierTimelineForMomentsDoesNotStream() {
    knowledge.lease = new LeaseView.Theirs(OTHER, record(TIMELINE));
    see(streaming(TIMELINE));
    assertThat(knowledge.notStreamingSince).isEmpty();
    see(streaming(TIMELINE - 1));
    var since = now;
    now = now.plus(SECOND);
    see(standby());
    see(streaming(TIMELINE - 1));
    assertThat(knowledge.notStreamingSince).contains(since);
    see(streaming(TIMELINE));
    assertThat(knowledge.notStreamingSince).isEmpty();
  }

  @Test
  void whatHasJustComeFromThePrimaryIsTold() {
    knowledge.lease = new LeaseView.Theirs(OTHER, record(TIMELINE));
    see(streaming(TIMELINE, Duration.ofMillis(10)));
    assertThat(tell().replication().receives()).isTrue();
    knowledge.busy = Optional.of(Operation.FENCE);
    assertThat(tell().replication().receives()).as("it is being shut off").isFalse();
    knowledge.busy = Optional.empty();
    see(streaming(TIMELINE, Duration.ofMillis(200)));
    assertThat(tell().replication().receives()).isFalse();
    see(standby());
    assertThat(tell().replication().receives()).isFalse();
  }

  // ----------------------------------------------------------------------------------------------

  private void leads(int timeline) {
    knowledge.lease = new LeaseView.Mine(Ballot.NONE, now.plus(SECOND), record(timeline));
  }

  private void run(Operation operation) {
    knowledge.busy = Optional.of(operation);
  }

  private void end() {
    knowledge.busy = Optional.empty();
    knowledge.observed = Optional.empty();
  }

  private void see(Seen seen) {
    knowledge.saw(new Observation(0, seen, Optional.empty(), false, Optional.empty()), false, now);
  }

  private Local tell() {
    told = LocalPicture.of(knowledge, Tags.NONE, told, now);
    return told;
  }

  private static Seen primary() {
    return up(new InstanceStatus.Primary(TIMELINE, new Lsn(9), new Lsn(9)));
  }

  private static Seen standby() {
    return standby(TIMELINE, Optional.empty());
  }

  private static Seen streaming(int timeline) {
    return streaming(timeline, Duration.ZERO);
  }

  private static Seen streaming(int timeline, Duration silence) {
    var none = Optional.<Lsn>empty();
    return standby(
        timeline,
        Optional.of(
            new InstanceStatus.WalReceiver(
                "streaming",
                timeline,
                none,
                none,
                Optional.empty(),
                Optional.empty(),
                Optional.of(silence))));
  }

  private static Seen standby(int timeline, Optional<InstanceStatus.WalReceiver> receiver) {
    return up(
        new InstanceStatus.Standby(
            timeline,
            Optional.of(new Lsn(9)),
            Optional.of(new Lsn(8)),
            Optional.empty(),
            false,
            InstanceStatus.UpstreamSetting.of(""),
            receiver));
  }

  private static Seen up(InstanceStatus.Role role) {
    return new Seen.Up(
        new InstanceStatus(ID, 150_000, Instant.EPOCH, role, false, List.of(), List.of()), false);
  }

  private static ClusterRecord record(int timeline) {
    return new ClusterRecord(
        5,
        Optional.of(OTHER),
        Optional.of(OTHER),
        timeline,
        new Electorate(new TreeMap<>()),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        5_000,
        Optional.of(ID),
        Map.of());
  }
}
