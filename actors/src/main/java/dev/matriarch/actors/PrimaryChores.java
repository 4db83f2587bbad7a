package dev.matriarch.actors;

import dev.matriarch.actors.Observation.Seen;
import dev.matriarch.actors.postgres.Checkpoint;
import dev.matriarch.actors.postgres.InstanceStatus;
import dev.matriarch.actors.postgres.MemberSlots;
import dev.matriarch.actors.postgres.Outcome;
import dev.matriarch.actors.postgres.PgConnection;
import dev.matriarch.actors.postgres.RebuildMark;
import dev.matriarch.config.SlotNames;
import dev.matriarch.protocol.election.Effect;
import dev.matriarch.protocol.election.LeaseView;
import dev.matriarch.protocol.election.RecordChange;
import dev.matriarch.protocol.ha.SlotPlan;
import dev.matriarch.protocol.ha.TimelineHistory;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.pekko.actor.typed.ActorRef;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is done on a running PostgreSQL beside the decisions: a checkpoint after each promotion (so
 * that others may rewind from here), the exact fork and the course for the history, and the
 * members' slots. It runs on virtual threads, one piece at a time.
 */
final class PrimaryChores {
  private static final Logger LOG = LoggerFactory.getLogger(PrimaryChores.class);
  private static final DateTimeFormatter TIMESTAMP =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSxxx", Locale.ROOT);
  private static final Duration CHECKPOINT_TIMEOUT = Duration.ofHours(1);
  private static final Duration CHECKPOINT_AGAIN = Duration.ofSeconds(2);
  private static final Duration STATEMENT_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration SLOTS_EVERY = Duration.ofSeconds(2);

  /** How a piece of work ended. */
  sealed interface Report {
    /** The primary of {@code timeline} has checkpointed. */
    record Checkpointed(int timeline, boolean done) implements Report {}

    /** The members' slots were made as far as they could be. */
    record SlotsDone(Optional<Integer> timeline) implements Report {}

    record RolesDone(boolean done) implements Report {}
  }

  private final PostgresHost host;
  private final Consumer<Report> reports;
  private Optional<Integer> checkpointed = Optional.empty();
  private Optional<Integer> slotted = Optional.empty();
  private boolean checkpointing;
  private boolean slotting;
  private boolean makingRoles;

  /** The record does not say yet whose data these are: they were made or adopted just now. */
  private boolean adopting;

  private Duration rolesAt = Duration.ZERO;
  private Duration slotsAt = Duration.ZERO;
  private Duration nextCheckpointAt = Duration.ZERO;
  private Duration forkAskedAt = Duration.ZERO;
  private Duration courseAskedAt = Duration.ZERO;
  private SortedMap<String, Duration> lastWanted = new TreeMap<>();

  PrimaryChores(PostgresHost host, Consumer<Report> reports) {
    this.host = host;
    this.reports = reports;
  }

  /** Whether this primary has checkpointed on its timeline, and has the slots to clone by. */
  boolean isReady() {
    return checkpointed.isPresent() && checkpointed.equals(slotted);
  }

  void done(Report report) {
    switch (report) {
      case Report.Checkpointed(var timeline, var done) -> {
        checkpointing = false;
        checkpointed = done ? Optional.of(timeline) : Optional.empty();
        nextCheckpointAt = done ? Duration.ZERO : nextCheckpointAt;
      }
      case Report.SlotsDone(var timeline) -> {
        slotting = false;
        slotted = timeline;
      }
      case Report.RolesDone(var done) -> {
        makingRoles = false;
        adopting = adopting && !done;
      }
    }
  }

  /** Begins what is due. */
  void look(
      Knowledge knowledge,
      ActorRef<Election.Command> election,
      ActorRef<Effect.Verdict> verdicts,
      Duration now) {
    if (!(knowledge.observed.map(Observation::seen).orElse(new Seen.NoData(false))
        instanceof Seen.Up(var status, _))) {
      notReady();
      return;
    }
    switch (status.role()) {
      case InstanceStatus.Primary(var timeline, _, _) -> {
        if (!checkpointed.equals(Optional.of(timeline))) {
          checkpointed = Optional.empty();
          checkpoint(timeline, now);
        }
        if (knowledge.lease instanceof LeaseView.Mine mine
            && mine.record().timeline() == timeline) {
          if (!slotted.equals(Optional.of(timeline)) && !slotting) {
            slotsAt = Duration.ZERO; // they stream by them from the first moment on
          }
          slots(status, knowledge, Optional.of(timeline), now);
          adopting = adopting || mine.record().systemIdentifier().isEmpty();
          if (knowledge.busy.isEmpty()) {
            finishFounding(now);
          }
          tellFork(mine, election, verdicts, now);
          tellCourse(mine, knowledge, election, verdicts, now);
        }
      }
      case InstanceStatus.Standby _ -> {
        notReady();
        slots(status, knowledge, Optional.empty(), now);
      }
    }
  }

  private void notReady() {
    checkpointed = Optional.empty();
    slotted = Optional.empty();
  }

  /**
   * The agent that made this cluster may have ended before the roles were there; and a PostgreSQL
   * that was adopted may never have had them.
   */
  private void finishFounding(Duration now) {
    if (makingRoles
        || now.minus(rolesAt).compareTo(SLOTS_EVERY) < 0
        || !(adopting || host.site().mark().isOf(RebuildMark.Work.INITDB))) {
      return;
    }
    makingRoles = true;
    rolesAt = now;
    Thread.ofVirtual()
        .name("roles")
        .start(() -> {
          var done = false;
          try {
            switch (host.firstRoles()) {
              case Outcome.Done _ -> done = true;
              case Outcome.Failed(var reason) -> LOG.warn("the roles of the agents: {}", reason);
            }
          } finally {
            reports.accept(new Report.RolesDone(done));
          }
        });
  }

  /**
   * One that fails may take the server down, as it does without room on the disk. So there is no
   * more than is needed: a server that has crashed makes its own when it comes up again.
   */
  private void checkpoint(int timeline, Duration now) {
    if (checkpointing || now.compareTo(nextCheckpointAt) < 0) {
      return;
    }
    checkpointing = true;
    nextCheckpointAt = now.plus(CHECKPOINT_AGAIN);
    Thread.ofVirtual()
        .name("checkpoint")
        .start(() -> {
          var done = false;
          try (var connection =
              PgConnection.local(host.settings())
                  .open(PgConnection.SHORT_JOB, CHECKPOINT_TIMEOUT)) {
            done =
                Checkpoint.isOn(connection, timeline)
                    || Checkpoint.run(connection, CHECKPOINT_TIMEOUT) instanceof Outcome.Done;
          } catch (SQLException e) {
            LOG.info("no checkpoint after the promotion yet: {}", e.getMessage());
          } finally {
            reports.accept(new Report.Checkpointed(timeline, done));
          }
        });
  }

  /**
   * On a standby nobody streams by a member's slot, and an idle one would hold WAL for ever.
   *
   * @param primaryOn empty on a standby
   */
  private void slots(
      InstanceStatus status, Knowledge knowledge, Optional<Integer> primaryOn, Duration now) {
    if (slotting || now.minus(slotsAt).compareTo(SLOTS_EVERY) < 0) {
      return;
    }
    slotsAt = now;
    var dynamic = knowledge.dynamic();
    var ofMembers = slotsOfOthers(host, knowledge);
    // One that was made before its member was heard would never be used, and hold WAL for ever.
    var expired = now.minus(dynamic.memberSlotsTtl());
    others(host)
        .filter(knowledge::isWitness)
        .forEach(it -> lastWanted.put(SlotNames.of(it), expired));
    var standby = primaryOn.isEmpty();
    var wanted = dynamic.useSlots() && !standby ? ofMembers : new TreeSet<String>();
    if (standby || !dynamic.useSlots()) {
      ofMembers.forEach(it -> lastWanted.putIfAbsent(it, expired));
    }
    var plan =
        SlotPlan.of(
            new SlotPlan.View(
                wanted,
                status.slots(),
                lastWanted,
                now,
                standby ? Duration.ZERO : dynamic.memberSlotsTtl(),
                standby));
    lastWanted = plan.lastWanted();
    if (plan.isEmpty()) {
      slotted = primaryOn;
    } else {
      apply(plan, primaryOn);
    }
  }

  /**
   * Those through which the other members stream, should this one be the primary. One that has not
   * been heard yet may have PostgreSQL, and need the WAL of this moment.
   */
  static SortedSet<String> slotsOfOthers(PostgresHost host, Knowledge knowledge) {
    return others(host)
        .filter(it -> !knowledge.isWitness(it))
        .map(SlotNames::of)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Stream<NodeId> others(PostgresHost host) {
    return host.agent().cluster().members().keySet().stream()
        .filter(it -> !it.equals(host.agent().name()));
  }

  private void apply(SlotPlan plan, Optional<Integer> primaryOn) {
    slotting = true;
    Thread.ofVirtual()
        .name("slots")
        .start(() -> {
          try (var connection =
              PgConnection.local(host.settings()).open(PgConnection.SHORT_JOB, STATEMENT_TIMEOUT)) {
            if (MemberSlots.apply(connection, plan) instanceof Outcome.Failed(var reason)) {
              LOG.warn("the members' slots: {}", reason);
            }
          } catch (SQLException e) {
            LOG.info("the members' slots wait: {}", e.getMessage());
          } finally {
            reports.accept(new Report.SlotsDone(primaryOn));
          }
        });
  }

  /** The history says where the timeline was to begin; the promotion tells where it did. */
  private void tellFork(
      LeaseView.Mine mine,
      ActorRef<Election.Command> election,
      ActorRef<Effect.Verdict> verdicts,
      Duration now) {
    var open =
        mine.record().history().stream()
            .filter(it -> it.timeline() == mine.record().timeline() && it.at().isEmpty())
            .findFirst();
    if (open.isEmpty() || now.minus(forkAskedAt).compareTo(SLOTS_EVERY) < 0) {
      return;
    }
    forkAskedAt = now;
    var fork = fork(mine.record().timeline()).orElse(open.get().fork());
    var at = OffsetDateTime.now(ZoneOffset.UTC).format(TIMESTAMP);
    election.tell(
        new Election.Change(new RecordChange.Forked(mine.record().timeline(), fork, at), verdicts));
  }

  private void tellCourse(
      LeaseView.Mine mine,
      Knowledge knowledge,
      ActorRef<Election.Command> election,
      ActorRef<Effect.Verdict> verdicts,
      Duration now) {
    if (now.minus(courseAskedAt).compareTo(SLOTS_EVERY) >= 0) {
      knowledge
          .failovers
          .log()
          .untold(mine.record())
          .ifPresent(course -> {
            courseAskedAt = now;
            election.tell(new Election.Change(course, verdicts));
          });
    }
  }

  private Optional<Lsn> fork(int timeline) {
    var file =
        host.dataDir()
            .resolve("pg_wal")
            .resolve(String.format(Locale.ROOT, "%08X.history", timeline));
    try {
      var ancestors = TimelineHistory.parse(Files.readString(file)).ancestors();
      return ancestors.isEmpty() ? Optional.empty() : Optional.of(ancestors.getLast().forkLsn());
    } catch (IOException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
