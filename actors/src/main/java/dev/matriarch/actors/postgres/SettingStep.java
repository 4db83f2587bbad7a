package dev.matriarch.actors.postgres;

import dev.matriarch.actors.postgres.SyncInForce.Proof;
import dev.matriarch.protocol.sync.NamesInUse;
import dev.matriarch.protocol.sync.StandbyNames;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Brings the newest of some values into force on the local PostgreSQL, and proves it. Every proof
 * says why it is not there yet, or nothing.
 */
final class SettingStep {
  private static final Duration POLL_EVERY = Duration.ofMillis(2);
  private static final String SHOWN = "SELECT current_setting('synchronous_standby_names')";
  private static final String ERRORS =
      """
      SELECT string_agg(concat_ws(': ', sourcefile, sourceline, name, error), '; ')
        FROM pg_file_settings WHERE error IS NOT NULL\
      """;
  private static final String SOURCE =
      """
      SELECT coalesce(sourcefile || ':' || sourceline, source) FROM pg_settings
       WHERE name = 'synchronous_standby_names'\
      """;

  private final SyncInForce.Place place;
  private final SyncInForce.Timing timing;
  private final Connection control;
  private final NamesInUse inUse;
  private final StandbyNames value;
  private final List<Proof> proofs;
  private final long deadline;

  SettingStep(
      SyncInForce.Place place,
      SyncInForce.Timing timing,
      Connection control,
      NamesInUse inUse,
      List<Proof> proofs) {
    this.place = place;
    this.timing = timing;
    this.control = control;
    this.inUse = inUse;
    this.value = inUse.newest();
    this.proofs = proofs;
    this.deadline = System.nanoTime() + timing.patience().toNanos();
  }

  private interface Check {
    /** Empty: proven. */
    Optional<String> doubt() throws SQLException, InterruptedException;
  }

  /** On a primary; empty: every process goes by it. */
  Optional<String> onPrimary(CommitProbe probe) throws SQLException, InterruptedException {
    var doubt = shown();
    if (doubt.isEmpty() && !value.names().isEmpty() && inUse.mayBeUnset()) {
      doubt =
          inUse.waitingIsProof()
              ? timed("commits wait", () -> waiting(probe))
              : timed("the checkpointer", this::checkpointer);
    }
    if (doubt.isEmpty()) {
      doubt = timed("walsenders of '%s'".formatted(value.format()), this::senders);
    }
    if (doubt.isEmpty() && value.names().isEmpty()) {
      doubt =
          inUse.returningIsProof()
              ? timed("commits do not wait", () -> returning(probe))
              : timed("the checkpointer", this::checkpointer);
    }
    return doubt;
  }

  /** On a standby, where nothing is acknowledged; empty: it is promoted with this value. */
  Optional<String> onStandby() throws SQLException, InterruptedException {
    var doubt = shown();
    if (doubt.isEmpty() && !value.names().isEmpty() && inUse.mayBeUnset()) {
      doubt = timed("the checkpointer", this::checkpointer);
    }
    if (doubt.isEmpty()) {
      doubt = timed("no old walsender", this::noSenders);
    }
    return doubt;
  }

  /** A new connection shows it: then the postmaster has signalled all that were there before. */
  private Optional<String> shown() throws SQLException, InterruptedException {
    if (place.conf().set(SyncSettingFile.PARAMETER, value.format())
        instanceof PgConf.Result.NotWritten(var reason)) {
      return Optional.of(reason);
    }
    if (new PgReload(place.conf().dataDir()).run() instanceof Outcome.Failed(var reason)) {
      return Optional.of(reason);
    }
    var doubt =
        timed(
            "a new connection",
            () ->
                await(() -> {
                  try (var fresh = place.server().open(PgConnection.SHORT_JOB, timing.patience())) {
                    var shown = SyncInForce.text(fresh, SHOWN).orElse("");
                    return shown.equals(value.format())
                        ? Optional.empty()
                        : Optional.of(
                            "a new connection shows %s = '%s'"
                                .formatted(SyncSettingFile.PARAMETER, shown));
                  }
                }));
    return doubt.isPresent() ? Optional.of(doubt.get() + reasons()) : doubt;
  }

  private String reasons() throws SQLException {
    var errors = SyncInForce.text(control, ERRORS).map(it -> "; configuration: " + it);
    var source = SyncInForce.text(control, SOURCE).map(it -> "; it is set by " + it);
    return errors.orElse("") + source.orElse("");
  }

  /** A commit is seen to wait for a standby that does not exist: from now on all do. */
  private Optional<String> waiting(CommitProbe probe) throws SQLException, InterruptedException {
    return await(() -> {
      probe.commit();
      return probe.waits()
          ? Optional.empty()
          : Optional.of("commits do not wait yet: the checkpointer has not read the setting");
    });
  }

  private Optional<String> returning(CommitProbe probe) throws SQLException, InterruptedException {
    probe.commit();
    return await(() -> {
      if (probe.hasReturned()) {
        return Optional.empty();
      }
      return Optional.of("commits still wait: the checkpointer has not read the setting");
    });
  }

  /**
   * The checkpointer looks at its configuration between two checkpoints. Of two that were asked for
   * after it had been signalled, one after the other, it does so before the second ({@code
   * CheckpointerMain}, {@code checkpointer.c}).
   */
  private Optional<String> checkpointer() throws SQLException {
    try (var connection =
        place.server().open(PgConnection.SHORT_JOB, timing.checkpointPatience())) {
      for (var i = 0; i < 2; i++) {
        if (Checkpoint.run(connection, timing.checkpointPatience())
            instanceof Outcome.Failed(var reason)) {
          return Optional.of("the checkpointer has not read the setting: " + reason);
        }
      }
      return Optional.empty();
    }
  }

  /** Each walsender releases by its own copy. */
  private Optional<String> senders() throws SQLException, InterruptedException {
    var mark = SyncInForce.mark(control);
    var endAfter = System.nanoTime() + timing.endSendersAfter().toNanos();
    var ended = new HashSet<SyncSender.Life>();
    return await(() -> {
      var doubts = new ArrayList<String>();
      for (var sender : SyncSender.all(control)) {
        var doubt = sender.doubt(inUse, value, mark);
        if (doubt.isPresent()) {
          doubts.add(doubt.get());
          if (System.nanoTime() >= endAfter && ended.add(sender.life())) {
            sender.end(control);
          }
        }
      }
      return some(doubts);
    });
  }

  /** None that an old or the new value names: they come back with the new one. */
  private Optional<String> noSenders() throws SQLException, InterruptedException {
    var old = new HashSet<SyncSender.Life>();
    for (var sender : SyncSender.all(control)) {
      if (!inUse.settled() || inUse.values().stream().anyMatch(it -> it.names(sender.name()))) {
        sender.end(control);
        old.add(sender.life());
      }
    }
    return await(() ->
        some(
            SyncSender.all(control).stream()
                .filter(it -> old.contains(it.life()))
                .map(it -> it + " does not end")
                .toList()));
  }

  private static Optional<String> some(List<String> doubts) {
    return doubts.isEmpty()
        ? Optional.empty()
        : Optional.of(doubts.stream().sorted().collect(Collectors.joining("; ")));
  }

  private Optional<String> await(Check check) throws SQLException, InterruptedException {
    while (true) {
      var doubt = check.doubt();
      if (doubt.isEmpty() || System.nanoTime() >= deadline) {
        return doubt;
      }
      Thread.sleep(POLL_EVERY);
    }
  }

  private Optional<String> timed(String what, Check check)
      throws SQLException, InterruptedException {
    var begun = System.nanoTime();
    var doubt = check.doubt();
    if (doubt.isEmpty()) {
      proofs.add(new Proof(what, Duration.ofNanos(System.nanoTime() - begun)));
    }
    return doubt;
  }
}
