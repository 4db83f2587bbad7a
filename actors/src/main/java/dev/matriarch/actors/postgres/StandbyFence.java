package dev.matriarch.actors.postgres;

import dev.matriarch.actors.postgres.FenceInPlace.Attempt;
import dev.matriarch.protocol.model.Position;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Comparator;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Shuts the local PostgreSQL off from all write-ahead log, and says how much it holds.
 *
 * <p>Once it has answered {@link Result.Fenced} nothing is received, and so nothing is confirmed to
 * an upstream, until a new upstream is written into the configuration: that releases it. What is on
 * disk is the empty setting, so a server that starts again, for whatever reason, starts fenced. It
 * decides nothing: a primary that runs is stopped.
 *
 * <p>A fence is never half done. It runs on a thread that cannot be interrupted; an interrupt of
 * the caller counts before the first change, and then only shortens the wait for the position.
 *
 * <p>For one operation at a time.
 */
public final class StandbyFence implements AutoCloseable {
  private static final Duration CONNECT_TIMEOUT = Duration.ofMillis(500);
  private static final Duration READY_SLICE = Duration.ofMillis(50);
  private static final String CANCELLED = "cancelled while it replays";

  /**
   * The local PostgreSQL.
   *
   * @param superuser how to connect to it; also the address at which it is heard
   * @param replication the same with a role that may replicate
   */
  public record Place(
      Path dataDir,
      PgVersion version,
      TimelineNumbers numbers,
      RebuildMark mark,
      PgConnection superuser,
      PgConnection replication) {}

  /**
   * How long each step may take.
   *
   * @param inPlace after it the server is stopped
   * @param stop after it what is left of the server is killed
   * @param replay after it, counted from the start, the answer is given without a position
   */
  public record Limits(Duration inPlace, Duration stop, Duration replay) {
    public static final Limits DEFAULT =
        new Limits(Duration.ofMillis(200), Duration.ofMillis(500), Duration.ofSeconds(30));
  }

  /** What it took. */
  public enum How {
    /** The server went on running. */
    IN_PLACE,
    /** It was stopped, immediately, and started again. */
    BY_STOP,
    /** It did not run, and was started. */
    BY_START
  }

  /** How it ended. */
  public sealed interface Result {
    /**
     * Nothing comes in any more.
     *
     * @param position the end of all that it holds: nothing later was ever confirmed by it
     * @param detail for the log: why it was not done in place, or where the position is from
     */
    record Fenced(Position position, How how, String detail, Duration took) implements Result {}

    /**
     * Nothing comes in any more, but how far the log goes is not known yet: it is still replayed,
     * the server does not start, or the data are half-made. Fencing again asks again, and disturbs
     * nothing.
     */
    record WithoutPosition(String why, Duration took) implements Result {}

    /** It may still receive log: it was left as it was, or it cannot be stopped. */
    record NotFenced(String why) implements Result {}
  }

  /**
   * What a promotion needs, logged in already.
   *
   * @param timeline that the standby is on, exactly
   * @param superuser whoever takes it closes it
   */
  public record Handle(int timeline, Connection superuser) {
    /** Logs in anew. The role for replication may not be let in from this host. */
    public static Handle open(PgConnection superuser, PgConnection replication)
        throws SQLException {
      var connection = superuser.open(PgConnection.SHORT_JOB, PgConnection.LONG_STATEMENT_TIMEOUT);
      try {
        var exact = new ReplicationProtocol(replication).identifySystem().position();
        return new Handle(exact.timeline(), connection);
      } catch (SQLException e) {
        return new Handle(timeline(connection), connection);
      }
    }

    private static int timeline(Connection connection) throws SQLException {
      try {
        return switch (StatusQuery.ask(connection).role()) {
          case InstanceStatus.Primary(var timeline, _, _) -> timeline;
          case InstanceStatus.Standby standby -> standby.timeline();
        };
      } catch (SQLException e) {
        connection.close();
        throw e;
      }
    }
  }

  /**
   * A server that has had no source since its start.
   *
   * @param configuration the very file that says so; each writer makes a new one
   * @param noted the end of its log, known from before the start
   * @param why it had to be started
   */
  private record Isolated(
      ProcessId postmaster, Object configuration, How how, Optional<Position> noted, String why) {}

  private final Place place;
  private final Supplier<PgStart> start;
  private final Consumer<Guardian> watching;
  private final PgConf conf;
  private final FenceSessions sessions;
  private @Nullable Isolated isolated;
  private boolean rehearsed;

  /**
   * Touches nothing yet.
   *
   * @param start asked for when the server has to be started
   * @param watching gets the guardian of a server as soon as it is being started
   */
  public StandbyFence(Place place, Supplier<PgStart> start, Consumer<Guardian> watching) {
    this.place = place;
    this.start = start;
    this.watching = watching;
    this.conf = new PgConf(place.dataDir, place.version);
    this.sessions = new FenceSessions(place.superuser, place.replication);
  }

  /**
   * Opens the connections that a fence needs, so that it does not spend its time on logging in. To
   * be called now and then while the standby streams. One of them takes one of its {@code
   * max_wal_senders}; whoever promotes the server closes them.
   *
   * @return whether they are open
   */
  public boolean prepare() {
    try {
      prepareOnce();
      return true;
    } catch (SQLException e) {
      // Those that were open may have died with an earlier server.
    }
    try {
      prepareOnce();
      return true;
    } catch (SQLException e) {
      return false;
    }
  }

  private void prepareOnce() throws SQLException {
    sessions.prepare(CONNECT_TIMEOUT);
    rehearse();
  }

  /** Once: what has never run takes as long as the fence itself, and nobody leads meanwhile. */
  private void rehearse() {
    if (!rehearsed) {
      rehearsed = true;
      RunningPostmaster.find(place.dataDir)
          .ifPresent(it -> FenceInPlace.rehearse(it, place.superuser.server()));
    }
  }

  /**
   * Gives up the connections for a promotion: on a host that is busy, logging in anew would take
   * longer than the promotion.
   *
   * @return empty if there is no connection; none is left open then
   */
  public Optional<Handle> handOver() {
    try {
      return Optional.of(sessions.handOver(CONNECT_TIMEOUT));
    } catch (SQLException e) {
      // One that was kept open may have died with an earlier server.
    }
    try {
      return Optional.of(sessions.handOver(CONNECT_TIMEOUT));
    } catch (SQLException e) {
      return Optional.empty();
    }
  }

  /** Fences, whatever the server is at; see {@link Result}. */
  public Result fence(Limits limits) {
    return Thread.currentThread().isInterrupted()
        ? new Result.NotFenced("cancelled before anything was changed")
        : fenceAnyway(limits);
  }

  /** As {@link #fence}, but an interrupt from before does not call it off. */
  Result fenceAnyway(Limits limits) {
    var began = System.nanoTime();
    var cancelled = new AtomicBoolean();
    var ended = new CompletableFuture<Result>();
    Thread.ofVirtual()
        .name("fence")
        .start(() -> {
          try {
            ended.complete(run(limits, began, cancelled));
          } catch (RuntimeException | Error e) {
            ended.completeExceptionally(e);
          }
        });
    try {
      while (true) {
        try {
          return ended.get();
        } catch (InterruptedException e) {
          cancelled.set(true);
        }
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("the fence broke off", e.getCause());
    } finally {
      if (cancelled.get()) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private Result run(Limits limits, long began, AtomicBoolean cancelled) {
    var running = RunningPostmaster.find(place.dataDir);
    var rebuilding = place.mark.isSet();
    if (rebuilding && running.isEmpty()) {
      return noData(began);
    }
    switch (conf.redirect("")) {
      case PgConf.Result.NotWritten(var reason) -> {
        return new Result.NotFenced(reason);
      }
      case PgConf.Result.Written(var changed) -> {
        if (changed) {
          isolated = null;
        }
      }
    }
    var known = isolated;
    if (!rebuilding
        && known != null
        && known.postmaster.alive()
        && known.configuration.equals(configuration())) {
      return awaitPosition(known, limits, began, cancelled);
    }
    if (running.isEmpty()) {
      var why = "it did not run";
      return started(How.BY_START, Optional.empty(), why, limits, began, cancelled);
    }
    var attempt = new FenceInPlace(running.get(), place.superuser, sessions).run(limits.inPlace);
    return switch (attempt) {
      case Attempt.Shut(var position) ->
          rebuilding ? noData(began) : new Result.Fenced(position, How.IN_PLACE, "", since(began));
      case Attempt.NotShut(var why, var noted) -> {
        sessions.close();
        var stop = new PgStop(place.dataDir, PgStop.Mode.IMMEDIATE, limits.stop).run();
        if (stop instanceof Outcome.Failed(var reason)) {
          yield new Result.NotFenced("%s; and it cannot be stopped: %s".formatted(why, reason));
        }
        yield rebuilding
            ? noData(began)
            : started(How.BY_STOP, noted, why, limits, began, cancelled);
      }
    };
  }

  /**
   * A half-made copy is shut off like any other server, but it is not started, and holds nothing.
   */
  private Result noData(long began) {
    return without("no data: " + place.mark.describe(), began);
  }

  // --- a server that is stopped is shut off; now it is to say how far it goes -------------------

  private Result started(
      How how,
      Optional<Position> noted,
      String why,
      Limits limits,
      long began,
      AtomicBoolean cancelled) {
    if (place.numbers.clear() instanceof Outcome.Failed(var reason)) {
      return without(reason, began);
    }
    var starting = start.get();
    return switch (starting.asStandby()) {
      case Guardian.Start.NotStarted(var reason) ->
          RunningPostmaster.find(place.dataDir).isPresent()
              ? new Result.NotFenced("somebody else has started it: " + reason)
              : without(reason, began);
      case Guardian.Start.Watching(var guardian) -> {
        watching.accept(guardian);
        var started = new Isolated(guardian.postmaster(), configuration(), how, noted, why);
        isolated = started;
        var until = System.nanoTime() + limits.replay.toNanos();
        var ready = starting.awaitReady(guardian, READY_SLICE);
        while (ready instanceof PgStart.Readiness.NotYet(var reason)) {
          if (cancelled.get() || System.nanoTime() >= until) {
            yield without(cancelled.get() ? CANCELLED : reason, began);
          }
          ready = starting.awaitReady(guardian, READY_SLICE);
        }
        yield ready instanceof PgStart.Readiness.Ended(var reason)
            ? without(reason, began)
            : awaitPosition(started, limits, began, cancelled);
      }
    };
  }

  private Result awaitPosition(
      Isolated server, Limits limits, long began, AtomicBoolean cancelled) {
    var from = System.nanoTime();
    var until = from + limits.replay.toNanos();
    var why = "it replays";
    while (true) {
      try {
        sessions.open(CONNECT_TIMEOUT);
        var end = FenceInPlace.replayed(sessions);
        if (end.isPresent()) {
          return new Result.Fenced(end.get(), server.how, server.why, since(began));
        }
        var state = sessions.state();
        why = "replay waits for " + FenceInPlace.waiting(state);
        if (state.replayIsHeld()) {
          return held(server, why, began);
        }
      } catch (SQLException e) {
        sessions.close();
        why = Objects.requireNonNullElse(e.getMessage(), e.toString());
      }
      if (cancelled.get() || System.nanoTime() >= until) {
        return cancelled.get() ? without(CANCELLED, began) : held(server, why, began);
      }
      if (!server.postmaster.alive()) {
        return without("PostgreSQL ended while it replayed", began);
      }
      FenceInPlace.pause(from);
    }
  }

  /** Replay may take as long as somebody configured it to; what was noted is as good. */
  private Result held(Isolated server, String why, long began) {
    if (server.noted.isEmpty()) {
      return without("%s; %s".formatted(server.why, why), began);
    }
    Stream<Position> ends;
    try {
      ends = Stream.of(server.noted.get(), sessions.identify());
    } catch (SQLException e) {
      sessions.close();
      ends = server.noted.stream();
    }
    return new Result.Fenced(
        ends.max(Comparator.naturalOrder()).orElseThrow(),
        server.how,
        "%s; noted before; %s".formatted(server.why, why),
        since(began));
  }

  private static Result without(String why, long began) {
    return new Result.WithoutPosition(why, since(began));
  }

  private static Duration since(long began) {
    return Duration.ofNanos(System.nanoTime() - began);
  }

  private Object configuration() {
    try {
      return Files.readAttributes(place.dataDir.resolve("postgresql.conf"), "unix:ino,ctime");
    } catch (IOException e) {
      // Equal to no other, so nothing is concluded from it.
      return new Object();
    }
  }

  // --- for whoever lets a fenced server have a certain piece of log -----------------------------

  FenceSessions sessions() {
    return sessions;
  }

  Place place() {
    return place;
  }

  /** Writes another source; in force with the next reload. Empty: none, as a fence has it. */
  PgConf.Result redirect(String conninfo) {
    if (!conninfo.isEmpty()) {
      isolated = null;
    }
    return conf.redirect(conninfo);
  }

  @Override
  public void close() {
    sessions.close();
  }
}
