package dev.matriarch.actors;

import dev.matriarch.actors.Observation.Seen;
import dev.matriarch.actors.postgres.InstanceStatus;
import dev.matriarch.config.AgentSettings;
import dev.matriarch.protocol.election.LeaseView;
import dev.matriarch.protocol.election.Local;
import dev.matriarch.protocol.formation.FormationView;
import dev.matriarch.protocol.ha.Decision;
import dev.matriarch.protocol.ha.Instance;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.status.InstanceDetail;
import dev.matriarch.protocol.status.MemberStatus;
import dev.matriarch.protocol.status.NodeView;
import dev.matriarch.protocol.status.PgRole;
import dev.matriarch.protocol.status.PgState;
import dev.matriarch.protocol.status.ReplicationRow;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * What others get to see of the supervisor's knowledge: the election, the other members, and the
 * REST API. Each is told only when it changes.
 */
final class Pictures {
  private static final DateTimeFormatter TIMESTAMP =
      new DateTimeFormatterBuilder()
          .appendPattern("uuuu-MM-dd HH:mm:ss")
          .appendFraction(ChronoField.NANO_OF_SECOND, 6, 6, true)
          .appendOffset("+HH:MM", "+00:00")
          .toFormatter()
          .withZone(ZoneOffset.UTC);

  private final AgentSettings agent;
  private final String version;
  private final Supplier<FormationView.Life> life;
  private final ActorRef<Election.Command> election;
  private final ActorRef<Members.Command> members;
  private final Latest<Optional<NodeView>> published;
  private Optional<Local> toldElection = Optional.empty();
  private Optional<MemberStatus> toldMembers = Optional.empty();
  private Optional<Duration> silence = Optional.empty();
  private Optional<Instant> lastQuorum = Optional.empty();
  private PgState lastState = PgState.STOPPED;
  private PgRole lastRole = PgRole.UNINITIALIZED;

  Pictures(
      AgentSettings agent,
      String version,
      Supplier<FormationView.Life> life,
      ActorRef<Election.Command> election,
      ActorRef<Members.Command> members,
      Latest<Optional<NodeView>> published) {
    this.agent = agent;
    this.version = version;
    this.life = life;
    this.election = election;
    this.members = members;
    this.published = published;
  }

  // --- for the election
  // ---------------------------------------------------------------------------

  void local(Knowledge knowledge, Duration now) {
    var local = LocalPicture.of(knowledge, agent.tags(), toldElection.orElse(Local.NOTHING), now);
    if (!toldElection.equals(Optional.of(local))) {
      toldElection = Optional.of(local);
      election.tell(new Election.Tell(local));
    }
  }

  // --- for the others and the REST API
  // ------------------------------------------------------------

  void show(Knowledge knowledge, boolean ready, Decision decision, Duration now) {
    lastState = state(knowledge, now);
    lastRole = role(knowledge, now);
    var status = status(knowledge, ready, now);
    if (!toldMembers.equals(Optional.of(status))) {
      toldMembers = Optional.of(status);
      members.tell(new Members.Publish(status));
    }
    var dynamic = knowledge.dynamic();
    if (!silence.equals(Optional.of(dynamic.ttl()))) {
      silence = Optional.of(dynamic.ttl());
      members.tell(new Members.Remember(dynamic.ttl()));
    }
    if (knowledge.leader().isPresent()) {
      lastQuorum = Optional.of(Instant.now());
    }
    var all = new TreeMap<>(knowledge.members);
    all.put(agent.name(), status);
    published.set(
        Optional.of(
            new NodeView(
                agent.scope(),
                status,
                detail(knowledge),
                knowledge.lease instanceof LeaseView.Mine,
                knowledge.lease instanceof LeaseView.Mine(_, var until, _) ? until : Duration.ZERO,
                knowledge.leader(),
                Collections.unmodifiableSortedMap(all),
                List.<NodeId>copyOf(agent.cluster().members().keySet()),
                knowledge.lease.known(),
                lastQuorum,
                dynamic.pause(),
                now.plus(dynamic.loopWait()),
                DecisionText.of(decision),
                knowledge.writes.status(),
                knowledge.failovers.log())));
  }

  private MemberStatus status(Knowledge knowledge, boolean ready, Duration now) {
    var up = up(knowledge);
    var standby =
        up.map(InstanceStatus::role)
            .flatMap(it ->
                it instanceof InstanceStatus.Standby standing
                    ? Optional.of(standing)
                    : Optional.empty());
    var primary =
        up.map(InstanceStatus::role)
            .flatMap(it ->
                it instanceof InstanceStatus.Primary leading
                    ? Optional.of(leading)
                    : Optional.empty());
    var replayed = standby.flatMap(InstanceStatus.Standby::replayed);
    var alive = life.get();
    return new MemberStatus(
        agent.name(),
        version,
        "http://%s/patroni".formatted(agent.restApi().connectAddress().format()),
        agent.postgresql().map(it -> it.connectAddress()),
        lastState,
        lastRole,
        primary
            .map(InstanceStatus.Primary::timeline)
            .or(() -> standby.map(InstanceStatus.Standby::timeline)),
        primary.map(InstanceStatus.Primary::flushed),
        standby.map(it -> it.position().lsn()).filter(it -> !it.equals(Lsn.ZERO)),
        replayed,
        standby.filter(InstanceStatus.Standby::isStreaming).map(_ -> "streaming"),
        up.map(InstanceStatus::systemIdentifier),
        knowledge.lease.known().flatMap(it -> it.systemIdentifier()),
        up.map(InstanceStatus::serverVersion),
        agent.tags(),
        up.filter(InstanceStatus::pendingRestart).isPresent(),
        knowledge.dynamic().pause(),
        ready,
        alive.id(),
        alive.joinedWith(),
        toldElection.flatMap(it -> it.replication().incarnation()),
        Optional.of(LocalPicture.ability(knowledge, now)));
  }

  private static Optional<InstanceStatus> up(Knowledge knowledge) {
    return knowledge
        .observed
        .map(Observation::seen)
        .flatMap(
            it -> it instanceof Seen.Up(var status, _) ? Optional.of(status) : Optional.empty());
  }

  /** The own lease lasts longer; nothing else has changed. */
  void renewed(Knowledge knowledge) {
    if (knowledge.lease instanceof LeaseView.Mine(_, var until, _)) {
      published.set(published.get().map(it -> it.withLeaseUntil(until)));
    }
  }

  private PgState state(Knowledge knowledge, Duration now) {
    if (knowledge.busy.isPresent()) {
      switch (knowledge.busy.get()) {
        case INITIALISE -> {
          return PgState.INITIALIZING;
        }
        case CLONE -> {
          return PgState.CREATING_REPLICA;
        }
        case STOP -> {
          return PgState.STOPPING;
        }
        case START_PRIMARY, START_STANDBY -> {
          return PgState.STARTING;
        }
        case PROMOTE, FOLLOW, CRASH_RECOVERY, JUDGE, REWIND, FENCE, FETCH, TAKE_INCARNATION -> {}
      }
    }
    return switch (knowledge.instance(now)) {
      case Instance.Absent _, Instance.Empty _, Instance.Unusable _ -> PgState.STOPPED;
      case Instance.Stopped(_, _, var shutdown) ->
          shutdown == Instance.Shutdown.PRIMARY_UNCLEAN ? PgState.CRASHED : PgState.STOPPED;
      case Instance.Killed _ -> PgState.STOP_FAILED;
      case Instance.Starting _ -> PgState.STARTING;
      case Instance.Unseen _ -> lastState;
      case Instance.Promoting _, Instance.Primary _, Instance.Standby _, Instance.Silent _ ->
          PgState.RUNNING;
    };
  }

  private PgRole role(Knowledge knowledge, Duration now) {
    return switch (knowledge.instance(now)) {
      case Instance.Absent _, Instance.Empty _ -> PgRole.UNINITIALIZED;
      case Instance.Primary _ -> PgRole.PRIMARY;
      case Instance.Silent(_, var primary, _) -> primary ? PgRole.PRIMARY : PgRole.REPLICA;
      case Instance.Starting(_, var asPrimary) -> asPrimary ? PgRole.PRIMARY : PgRole.REPLICA;
      case Instance.Stopped(_, _, var shutdown) ->
          shutdown == Instance.Shutdown.STANDBY ? PgRole.REPLICA : PgRole.DEMOTED;
      case Instance.Promoting _, Instance.Standby _, Instance.Unusable _ -> PgRole.REPLICA;
      case Instance.Killed _ -> lastRole == PgRole.PRIMARY ? PgRole.DEMOTED : lastRole;
      case Instance.Unseen _ -> lastRole;
    };
  }

  private static InstanceDetail detail(Knowledge knowledge) {
    return up(knowledge)
        .map(status -> {
          var standby =
              status.role() instanceof InstanceStatus.Standby standing
                  ? Optional.of(standing)
                  : Optional.<InstanceStatus.Standby>empty();
          var replayedAt = standby.flatMap(InstanceStatus.Standby::replayedAt);
          return new InstanceDetail(
              Optional.of(TIMESTAMP.format(status.startedAt())),
              Optional.of(seconds(status.startedAt())),
              replayedAt.map(TIMESTAMP::format),
              replayedAt.map(Pictures::seconds),
              standby.filter(InstanceStatus.Standby::replayPaused).isPresent(),
              standby
                  .flatMap(InstanceStatus.Standby::walReceiver)
                  .flatMap(InstanceStatus.WalReceiver::latestEnd),
              status.walSenders().stream().map(Pictures::row).toList());
        })
        .orElse(InstanceDetail.NONE);
  }

  private static ReplicationRow row(InstanceStatus.WalSender sender) {
    return new ReplicationRow(
        sender.user(),
        sender.applicationName(),
        sender.clientAddress(),
        sender.state(),
        sender.syncState(),
        sender.syncPriority(),
        sender.flushed());
  }

  private static double seconds(Instant instant) {
    return instant.getEpochSecond() + instant.getNano() / 1e9;
  }
}
