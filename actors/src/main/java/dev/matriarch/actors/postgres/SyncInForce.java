package dev.matriarch.actors.postgres;

import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.sync.NamesInUse;
import dev.matriarch.protocol.sync.StandbyNames;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Brings values of {@code synchronous_standby_names} into force on the local PostgreSQL, with
 * proof. That a reload was asked for proves nothing: each process reads the configuration when it
 * comes to it, and until then goes by what it had.
 *
 * <p>What some process may still go by is kept on disk ({@link SyncSettingFile}), so that whoever
 * goes on after a crash of the agent or of PostgreSQL knows it. Calls block, and exclude each
 * other; {@link #state} never waits.
 */
public final class SyncInForce {
  /**
   * The PostgreSQL at hand.
   *
   * @param server the local one, as superuser
   */
  public record Place(PgConnection server, PgConf conf, SyncSettingFile file) {}

  /**
   * How long is waited.
   *
   * @param patience for each proof
   * @param endSendersAfter from then on a walsender that does not show that it has read the setting
   *     is ended, so that its standby connects again; less than {@code patience}
   * @param checkpointPatience for a checkpoint, which takes long on a busy server
   */
  public record Timing(Duration patience, Duration endSendersAfter, Duration checkpointPatience) {
    public static final Timing DEFAULT =
        new Timing(Duration.ofSeconds(5), Duration.ofSeconds(2), Duration.ofMinutes(30));

    public Timing {
      if (endSendersAfter.compareTo(patience) >= 0) {
        throw new IllegalArgumentException(
            "walsenders would be ended after %s, but the wait is over after %s"
                .formatted(endSendersAfter, patience));
      }
    }
  }

  /** How far it came. */
  public sealed interface Result {
    /**
     * All processes go by the value.
     *
     * @param at every commit that was acknowledged by another value is older than this record; the
     *     value is proven once enough standbys have it
     * @param proofs one after the other
     */
    record InForce(Lsn at, List<Proof> proofs) implements Result {}

    /** Some process may still go by another value; trying again goes on from here. */
    record NotYet(String because) implements Result {}
  }

  public record Proof(String what, Duration took) {}

  private record Force(StandbyNames value, Lsn at, String run) {}

  private final Place place;
  private final Timing timing;
  private volatile SyncState state = SyncState.UNKNOWN;
  private volatile @Nullable Force force;

  public SyncInForce(Place place, Timing timing) {
    this.place = place;
    this.timing = timing;
  }

  /** As of the last call. */
  public SyncState state() {
    return state;
  }

  /**
   * Whether one value is in force, and looks tell who has what was acknowledged by earlier ones. If
   * not, it has to be brought again, also if it is in force: another agent brought it, or a look
   * did not succeed. Never waits.
   */
  public boolean isWatching() {
    return force != null;
  }

  /** Brings the value into force on a running primary. */
  public synchronized Result bring(StandbyNames goal) {
    force = null;
    try (var control = open()) {
      var obstacle = obstacle(control, goal, false);
      if (obstacle.isPresent()) {
        return new Result.NotYet(obstacle.get());
      }
      CommitProbe.endAll(control);
      try (var probe = new CommitProbe(place.server(), control, timing.patience())) {
        return bring(goal, control, probe);
      }
    } catch (SQLException | IOException e) {
      return new Result.NotYet(Objects.requireNonNullElse(e.getMessage(), e.toString()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Result.NotYet("cancelled");
    }
  }

  private Result bring(StandbyNames goal, Connection control, CommitProbe probe)
      throws SQLException, IOException, InterruptedException {
    var proofs = new ArrayList<Proof>();
    var inUse = inUse(control);
    while (!inUse.isOnly(goal)) {
      var next = inUse.next(goal);
      inUse = note(inUse.with(goal, next));
      var doubt = new SettingStep(place, timing, control, inUse, proofs).onPrimary(probe);
      if (doubt.isPresent()) {
        return new Result.NotYet(doubt.get());
      }
      inUse = note(NamesInUse.only(goal, next));
    }
    if (place.conf().set(SyncSettingFile.PARAMETER, goal.format())
        instanceof PgConf.Result.NotWritten(var why)) {
      return new Result.NotYet(why);
    }
    // Only now: what old processes acknowledged until this moment has to be caught up with, too.
    var at = mark(control);
    force = new Force(goal, at, run(control));
    note(inUse.with(goal, goal));
    return new Result.InForce(at, List.copyOf(proofs));
  }

  /**
   * Sets a running standby to the value with which it is to be promoted. It acknowledges nothing,
   * so no placeholder is needed; but it must not be promoted while its checkpointer could still
   * hold that commits wait for nobody.
   */
  public Result prepareStandby(StandbyNames goal) {
    try (var control = open()) {
      return prepareStandby(goal, control);
    } catch (SQLException e) {
      return new Result.NotYet(Objects.requireNonNullElse(e.getMessage(), e.toString()));
    }
  }

  /**
   * As above. A standby that has the value already, and was proven to have no other, is left as it
   * is: a promotion waits for this.
   *
   * @param control the superuser's
   */
  public synchronized Result prepareStandby(StandbyNames goal, Connection control) {
    force = null;
    try {
      var obstacle = obstacle(control, goal, true);
      if (obstacle.isPresent()) {
        return new Result.NotYet(obstacle.get());
      }
      var proofs = new ArrayList<Proof>();
      var before = inUse(control);
      if (before.isOnly(goal) && before.goal().equals(goal) && isConfigured(goal)) {
        state = new SyncState(before.values(), goal, Optional.empty());
        return new Result.InForce(Lsn.ZERO, List.copyOf(proofs));
      }
      var inUse = note(before.with(goal, goal));
      var doubt = new SettingStep(place, timing, control, inUse, proofs).onStandby();
      if (doubt.isEmpty()) {
        doubt = obstacle(control, goal, true);
      }
      if (doubt.isPresent()) {
        return new Result.NotYet(doubt.get());
      }
      note(NamesInUse.only(goal, goal));
      return new Result.InForce(Lsn.ZERO, List.copyOf(proofs));
    } catch (SQLException | IOException e) {
      return new Result.NotYet(Objects.requireNonNullElse(e.getMessage(), e.toString()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Result.NotYet("cancelled");
    }
  }

  /**
   * Writes the value for a PostgreSQL that does not run: whoever starts then goes by it. Backends
   * that outlived a killed postmaster would go by another, and are ended.
   */
  public synchronized Outcome beforeStart(StandbyNames goal) {
    force = null;
    var remains = ServerProcesses.end(place.conf().dataDir());
    if (remains.isPresent()) {
      return new Outcome.Failed(remains.get());
    }
    var running = RunningPostmaster.in(place.conf().dataDir());
    if (running.isPresent()) {
      return new Outcome.Failed(running.get());
    }
    try {
      note(
          switch (place.file().read()) {
            case SyncSettingFile.Reading.Noted(var noted) -> noted.with(goal, goal);
            case SyncSettingFile.Reading.Nothing _, SyncSettingFile.Reading.Unreadable _ ->
                NamesInUse.unknown(goal);
          });
      if (place.conf().set(SyncSettingFile.PARAMETER, goal.format())
          instanceof PgConf.Result.NotWritten(var why)) {
        return new Outcome.Failed(why);
      }
      note(NamesInUse.only(goal, goal));
      return new Outcome.Done("%s = '%s'".formatted(SyncSettingFile.PARAMETER, goal.format()));
    } catch (IOException e) {
      return new Outcome.Failed("cannot note the synchronous setting: " + e);
    }
  }

  /**
   * Looks whether the setting is what it should be, and has been caught up with. To be called again
   * and again: operators set values by hand, and PostgreSQL restarts.
   */
  public SyncState look() {
    try (var control = open()) {
      return look(control);
    } catch (SQLException e) {
      return unseen();
    }
  }

  /**
   * As above.
   *
   * @param control the superuser's, which may be kept open from one look to the next
   */
  public synchronized SyncState look(Connection control) {
    try {
      var inUse = inUse(control);
      var now = force;
      if (now != null && !(inUse.isOnly(now.value()) && now.run().equals(run(control)))) {
        now = null;
        force = null;
      }
      var caughtUp =
          now != null
              && SyncSender.holders(SyncSender.all(control), now.value(), now.at())
                  >= now.value().count();
      state =
          new SyncState(
              inUse.values(),
              inUse.goal(),
              caughtUp ? Optional.of(inUse.goal()) : Optional.empty());
      return state;
    } catch (SQLException e) {
      return unseen();
    }
  }

  private synchronized SyncState unseen() {
    force = null;
    state = state.unproven();
    return state;
  }

  /** Whether the file says so as well, and said so before this look at it. */
  private boolean isConfigured(StandbyNames goal) {
    return place.conf().set(SyncSettingFile.PARAMETER, goal.format())
            instanceof PgConf.Result.Written(var changed)
        && !changed;
  }

  /** What has been noted, and what is shown if that is something else. */
  private NamesInUse inUse(Connection control) throws SQLException {
    var text =
        text(control, "SELECT current_setting('%s')".formatted(SyncSettingFile.PARAMETER))
            .orElse("");
    // None of ours is unreadable; nothing may be expected of it.
    var shown = StandbyNames.parse(text).orElse(StandbyNames.NONE);
    return switch (place.file().read()) {
      case SyncSettingFile.Reading.Noted(var noted) when noted.newest().sameAs(shown) -> noted;
      case SyncSettingFile.Reading.Noted(var noted) -> {
        var values = new ArrayList<>(noted.values());
        values.add(shown);
        yield new NamesInUse(false, noted.goal(), values);
      }
      case SyncSettingFile.Reading.Nothing _, SyncSettingFile.Reading.Unreadable _ ->
          NamesInUse.unknown(shown);
    };
  }

  private NamesInUse note(NamesInUse inUse) throws IOException {
    // Reported first: a value that was only about to be noted is possible already.
    state = new SyncState(inUse.values(), inUse.goal(), Optional.empty());
    place.file().note(inUse);
    return inUse;
  }

  private static Optional<String> obstacle(Connection control, StandbyNames goal, boolean standby)
      throws SQLException {
    if (text(control, "SELECT pg_is_in_recovery()").equals(Optional.of("t")) != standby) {
      return Optional.of(
          standby ? "PostgreSQL is not a standby" : "PostgreSQL is not a primary yet");
    }
    return goal.names().isEmpty()
        ? Optional.empty()
        : SyncVersions.problem(
            Integer.parseInt(
                text(control, "SELECT current_setting('server_version_num')").orElse("0")));
  }

  private Connection open() throws SQLException {
    var control = place.server().open(PgConnection.SHORT_JOB, timing.patience());
    try (var statement = control.createStatement()) {
      // Its own commits must not wait for what they are to prove.
      statement.execute("SET synchronous_commit = local");
      return control;
    } catch (SQLException e) {
      control.close();
      throw e;
    }
  }

  /** Writes a record that is on disk here, and on its way, when the call returns. */
  static Lsn mark(Connection control) throws SQLException {
    return text(control, "SELECT pg_logical_emit_message(true, 'matriarch', '')::text")
        .map(Lsn::parse)
        .orElseThrow(() -> new SQLException("no position of the mark"));
  }

  /** Unlike in any earlier run of PostgreSQL. */
  private static String run(Connection control) throws SQLException {
    return text(control, "SELECT pg_is_in_recovery() || ' ' || pg_postmaster_start_time()")
        .orElse("");
  }

  static Optional<String> text(Connection connection, String sql) throws SQLException {
    try (var statement = connection.createStatement();
        var row = statement.executeQuery(sql)) {
      return row.next() ? Optional.ofNullable(row.getString(1)) : Optional.empty();
    }
  }
}
