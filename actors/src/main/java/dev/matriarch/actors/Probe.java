package dev.matriarch.actors;

import dev.matriarch.actors.Observation.Seen;
import dev.matriarch.actors.postgres.ControlData;
import dev.matriarch.actors.postgres.InstanceStatus;
import dev.matriarch.actors.postgres.PgConnection;
import dev.matriarch.actors.postgres.PidFile;
import dev.matriarch.actors.postgres.RebuildMark;
import dev.matriarch.actors.postgres.RunningPostmaster;
import dev.matriarch.actors.postgres.StatusQuery;
import dev.matriarch.protocol.election.HistoryEntry;
import dev.matriarch.protocol.ha.Instance.Shutdown;
import dev.matriarch.protocol.ha.TimelineClaim;
import dev.matriarch.protocol.model.Position;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the local PostgreSQL: process, status over one open connection, or the control file of a
 * stopped one. A look runs on a virtual thread; while one runs, a further request waits for it.
 */
final class Probe {
  private static final Logger LOG = LoggerFactory.getLogger(Probe.class);
  private static final Duration QUERY_TIMEOUT = Duration.ofSeconds(2);

  /** What this actor reacts to. */
  sealed interface Command {}

  /**
   * Look now.
   *
   * @param epoch goes into the observation
   * @param history of the newest record that is known here
   */
  record Look(long epoch, List<HistoryEntry> history) implements Command {}

  private record Looked(Observation observation) implements Command {}

  private final PostgresHost host;
  private final StatusQuery query;

  private Probe(PostgresHost host) {
    this.host = host;
    query = new StatusQuery(PgConnection.local(host.settings()), QUERY_TIMEOUT);
  }

  static Behavior<Command> create(PostgresHost host, ActorRef<Observation> watcher) {
    return Behaviors.setup(context -> new Probe(host).idle(watcher));
  }

  private Behavior<Command> idle(ActorRef<Observation> watcher) {
    return Behaviors.receive(Command.class)
        .onMessage(Look.class, look -> begin(look, watcher))
        .onMessage(Looked.class, _ -> Behaviors.same())
        .onSignal(PostStop.class, _ -> closed())
        .build();
  }

  private Behavior<Command> begin(Look look, ActorRef<Observation> watcher) {
    return Behaviors.setup(context -> {
      var self = context.getSelf();
      Thread.ofVirtual().name("probe").start(() -> self.tell(new Looked(look(look))));
      return looking(watcher, Optional.empty());
    });
  }

  /** Of the requests that come meanwhile the newest is enough. */
  private Behavior<Command> looking(ActorRef<Observation> watcher, Optional<Look> next) {
    return Behaviors.receive(Command.class)
        .onMessage(Look.class, look -> looking(watcher, Optional.of(look)))
        .onMessage(
            Looked.class,
            looked -> {
              watcher.tell(looked.observation());
              return next.map(it -> begin(it, watcher)).orElseGet(() -> idle(watcher));
            })
        .onSignal(PostStop.class, _ -> closed())
        .build();
  }

  private Behavior<Command> closed() {
    query.close();
    return Behaviors.same();
  }

  private Observation look(Look look) {
    Optional<RunningPostmaster> running = Optional.empty();
    Seen seen;
    try {
      running = RunningPostmaster.find(host.dataDir());
      seen = seen(running, look.history());
    } catch (RuntimeException | Error e) {
      // What runs must not be taken for stopped because it could not be understood.
      var why = "cannot look at PostgreSQL: " + e;
      seen =
          running.isPresent()
              ? new Seen.Silent(Optional.empty(), why, isPrimaryByFiles())
              : new Seen.Unusable(why);
    }
    return new Observation(
        look.epoch(),
        seen,
        running.map(RunningPostmaster::process),
        running.filter(it -> it.file().status() == PidFile.Status.STOPPING).isPresent(),
        host.incarnationFile().read().report());
  }

  /** What was killed and does not go away is not asked, for it would not answer. */
  private Seen seen(Optional<RunningPostmaster> running, List<HistoryEntry> history) {
    if (RunningPostmaster.isHeld(host.dataDir())) {
      query.close();
      return new Seen.Killed();
    }
    return running.isPresent() ? running(running.get()) : stopped(history);
  }

  private Seen running(RunningPostmaster postmaster) {
    return switch (query.ask()) {
      case StatusQuery.Answer.Answered(var status) -> up(status);
      case StatusQuery.Answer.NotAccepting _ -> starting();
      case StatusQuery.Answer.Unreachable(var why) ->
          postmaster.file().status() == PidFile.Status.READY ? silent(why) : starting();
      case StatusQuery.Answer.TimedOut(var why) -> silent(why);
    };
  }

  /** An order to promote waits in a file until all log is replayed, which can take long. */
  private Seen up(InstanceStatus status) {
    if (status.role() instanceof InstanceStatus.Standby) {
      if (Files.exists(host.dataDir().resolve("promote"))) {
        return new Seen.Promoting();
      }
      consistent();
    }
    var stuck =
        status.role() instanceof InstanceStatus.Standby standby
            && standby.replayPaused()
            && host.isTooSmall();
    return new Seen.Up(status, stuck);
  }

  /** A rebuild whose PostgreSQL took long to become consistent has left its mark. */
  private void consistent() {
    var mark = host.site().mark();
    if (mark.isOf(RebuildMark.Work.CLONE) || mark.isOf(RebuildMark.Work.REWIND)) {
      try {
        mark.clear();
      } catch (IOException e) {
        LOG.warn("cannot take away the mark of a rebuild: {}", e.toString());
      }
    }
  }

  private boolean isPrimaryByFiles() {
    return Files.notExists(host.dataDir().resolve("standby.signal"));
  }

  private Seen starting() {
    return new Seen.Starting(systemIdentifier(), isPrimaryByFiles());
  }

  private Seen silent(String why) {
    return new Seen.Silent(systemIdentifier(), why, isPrimaryByFiles());
  }

  private Optional<String> systemIdentifier() {
    return host.control() instanceof ControlData.Reading.Read(var control)
        ? Optional.of(control.systemIdentifier())
        : Optional.empty();
  }

  private Seen stopped(List<HistoryEntry> history) {
    query.close(); // else the first answer of the next server would be the end of this connection
    try {
      if (!NonEmpty.is(host.dataDir())) {
        return new Seen.NoData(false);
      }
      if (host.site().mark().isSet()) {
        return new Seen.NoData(true);
      }
    } catch (IOException e) {
      return new Seen.Unusable("cannot read %s: %s".formatted(host.dataDir(), e));
    }
    return switch (host.control()) {
      case ControlData.Reading.Unreadable(var reason) -> new Seen.Unusable(reason);
      case ControlData.Reading.Read(var control) ->
          down(control.systemIdentifier(), control.newest(), shutdown(control), history);
    };
  }

  private Seen down(
      String identifier, Position newest, Shutdown shutdown, List<HistoryEntry> history) {
    if (shutdown == Shutdown.STANDBY
        || TimelineClaim.isGiven(
            host.agent().name(), newest.timeline(), host.promotionFile().read(), history)) {
      return new Seen.Down(identifier, newest, shutdown);
    }
    try {
      host.site().mark().set(RebuildMark.Work.DISOWNED, host.dataDir());
      LOG.warn(
          "{} was primary on timeline {}, which this node was never elected for: was it promoted by"
              + " hand? It counts as no data until it is copied anew from the leader; it will be"
              + " moved aside then",
          host.dataDir(),
          newest.timeline());
      return new Seen.NoData(true);
    } catch (IOException e) {
      return new Seen.Unusable("cannot note that the data count for nothing: " + e);
    }
  }

  /** A base backup that was never started says "in production", as its source was. */
  private Shutdown shutdown(ControlData control) {
    var copied = Files.exists(host.dataDir().resolve("backup_label"));
    if (control.state().isUncleanPrimary() && !copied) {
      return Shutdown.PRIMARY_UNCLEAN;
    }
    return control.state() == ControlData.State.SHUT_DOWN && !copied
        ? Shutdown.PRIMARY_CLEAN
        : Shutdown.STANDBY;
  }
}
