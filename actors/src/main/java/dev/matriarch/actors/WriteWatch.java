package dev.matriarch.actors;

import dev.matriarch.actors.postgres.PgConnection;
import dev.matriarch.actors.postgres.WalSpace;
import dev.matriarch.actors.postgres.WriteProbe;
import dev.matriarch.actors.postgres.WriteProbe.Answer;
import dev.matriarch.protocol.election.LeaseView;
import dev.matriarch.protocol.ha.Instance;
import dev.matriarch.protocol.ha.Operation;
import dev.matriarch.protocol.ha.WritePath;
import dev.matriarch.protocol.ha.WritePath.Fault;
import dev.matriarch.protocol.ha.WritePathRules;
import dev.matriarch.protocol.ha.WritePathRules.Verdict;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.status.MemberStatus;
import dev.matriarch.protocol.status.WritePathStatus;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches whether the local primary commits, and whether there is room for its WAL. What that means
 * is for {@link WritePathRules} to say. Touched by the supervisor only.
 *
 * <p>Attempts run one at a time, each on a thread of its own: one that hangs in the kernel must not
 * hold a thread that others need.
 */
final class WriteWatch {
  private static final Logger LOG = LoggerFactory.getLogger(WriteWatch.class);
  private static final Duration TRY_AT_LEAST_EVERY = Duration.ofSeconds(2);
  private static final Duration TRY_AT_MOST_EVERY = Duration.ofMillis(200);
  private static final Duration MEASURE_EVERY = Duration.ofSeconds(2);
  private static final Duration ATTEMPT_AT_LEAST = Duration.ofMinutes(1);

  /** Time that the agent did not run through says nothing about PostgreSQL. */
  private static final Duration STEP_MAX = Duration.ofSeconds(1);

  /** Attempts that take no longer are not worth a word. */
  private static final Duration SHORT = Duration.ofMillis(500);

  private static final String ENDING = "somebody told PostgreSQL to shut down";

  /** What was seen. */
  sealed interface Report {
    /**
     * An attempt has ended.
     *
     * @param number of the attempt
     */
    record Tried(long number, Answer answer) implements Report {}

    record Measured(Optional<WalSpace> space) implements Report {}
  }

  private record Trouble(Fault fault, String why) {}

  private final PostgresHost host;
  private final Consumer<Report> reports;
  private long number;
  private boolean trying;
  private boolean measuring;
  private volatile WriteProbe.Stage stage = WriteProbe.Stage.CONNECTING;
  private Duration nextTryAt = Duration.ZERO;
  private Duration nextMeasureAt = Duration.ZERO;
  private Duration writtenAt = Duration.ZERO;
  private Duration lookedAt = Duration.ZERO;

  /** For how long attempts have not succeeded. */
  private Duration failingFor = Duration.ZERO;

  /** From the last success until they began. */
  private Duration untriedFor = Duration.ZERO;

  private boolean wasWell;
  private Optional<Duration> endingFor = Optional.empty();
  private Duration failedBefore = Duration.ZERO;
  private boolean refused;
  private boolean warned;
  private Optional<Trouble> trouble = Optional.empty();
  private Optional<Lsn> flushed = Optional.empty();

  /**
   * Who streamed, and where the WAL ended, when that was last seen: nobody streams from a crash.
   */
  private Set<NodeId> streamed = Set.of();

  private Optional<Lsn> end = Optional.empty();
  private Optional<WalSpace> space = Optional.empty();
  private Optional<Duration> ledSince = Optional.empty();

  /** Since when PostgreSQL, which this leader has to run, is not primary. */
  private Optional<Duration> downSince = Optional.empty();

  private Optional<Verdict> leaving = Optional.empty();

  /**
   * Looks at nothing yet.
   *
   * @param reports gets what is to be handed to {@link #done}, from any thread
   */
  WriteWatch(PostgresHost host, Consumer<Report> reports) {
    this.host = host;
    this.reports = reports;
  }

  /** Whether there is nothing to be looked at more often than usual. */
  boolean isCalm() {
    return trouble.isEmpty() && endingFor.isEmpty() && failingFor.compareTo(SHORT) < 0;
  }

  /** Begins what is due, and lets {@code knowledge} know how things stand. */
  void look(Knowledge knowledge, Duration now) {
    var timeout = knowledge.dynamic().commitTimeout();
    var leads = knowledge.lease instanceof LeaseView.Mine;
    ledSince = leads ? ledSince.or(() -> Optional.of(now)) : Optional.empty();
    measure(now);
    remember(knowledge, leads);
    var step = now.minus(lookedAt);
    lookedAt = now;
    var instance = knowledge.instance(now);
    var primary =
        instance instanceof Instance.Primary
            || (instance instanceof Instance.Silent(_, var asPrimary, _) && asPrimary);
    endingFor =
        knowledge.endingSince.filter(_ -> leads && instance.runsAsPrimary()).map(now::minus);
    downSince =
        leads && isToStart(knowledge, instance)
            ? downSince.or(() -> Optional.of(now))
            : instance instanceof Instance.Unseen && leads ? downSince : Optional.empty();
    if (!leads || (knowledge.busy.isEmpty() && !primary)) {
      forget();
    } else if (timeout.isPositive()
        && endingFor.isEmpty()
        && knowledge.busy.isEmpty()
        && !knowledge.stopping
        && knowledge.handover.isEmpty()) {
      count(step.compareTo(STEP_MAX) < 0 ? step : STEP_MAX);
      warn(timeout);
      seen(knowledge);
      tryIfDue(timeout, now);
    }
    var verdict = leads ? verdict(knowledge, instance, now) : new Verdict.Fine();
    leaving = leads ? leaving : Optional.empty();
    knowledge.writes =
        new WriteHealth(
            verdict,
            status(verdict),
            space.filter(WalSpace::isRoomy).isPresent(),
            space.filter(WalSpace::isFull).isPresent());
  }

  /** Whether it was primary on the record's timeline, and is to be so again. */
  private static boolean isToStart(Knowledge knowledge, Instance instance) {
    return knowledge.busy.equals(Optional.of(Operation.START_PRIMARY))
        || switch (instance) {
          case Instance.Starting(_, var asPrimary) -> asPrimary;
          case Instance.Stopped(_, var timeline, var history) ->
              history == Instance.Shutdown.PRIMARY_UNCLEAN
                  && knowledge.lease.known().filter(it -> it.timeline() == timeline).isPresent();
          case Instance.Unseen _,
              Instance.Absent _,
              Instance.Empty _,
              Instance.Unusable _,
              Instance.Killed _,
              Instance.Promoting _,
              Instance.Primary _,
              Instance.Standby _,
              Instance.Silent _ ->
              false;
        };
  }

  private void remember(Knowledge knowledge, boolean leads) {
    if (!leads) {
      streamed = Set.of();
      end = Optional.empty();
      return;
    }
    end = knowledge.observed.flatMap(Observation::flushed).or(() -> end);
    var streaming =
        knowledge.members.values().stream()
            .filter(it -> it.replicationState().equals(Optional.of("streaming")))
            .map(MemberStatus::node)
            .collect(Collectors.toSet());
    streamed = streaming.isEmpty() ? streamed : streaming;
  }

  private void count(Duration step) {
    if (trying || (trouble.isPresent() && !refused)) {
      failingFor = failingFor.plus(step);
    } else if (wasWell) {
      untriedFor = untriedFor.plus(step);
    }
  }

  /** Since the last success; an attempt that has only just begun says nothing yet. */
  private Duration notCommittedFor() {
    return failingFor.compareTo(SHORT) < 0 ? failingFor : failingFor.plus(untriedFor);
  }

  /** Early enough for somebody to look, and late enough to be no noise. */
  private void warn(Duration timeout) {
    if (!warned && notCommittedFor().compareTo(timeout.dividedBy(2)) >= 0) {
      warned = true;
      LOG.warn("no commit has succeeded for {} ms: {}", notCommittedFor().toMillis(), because());
    }
  }

  /** Nobody is let in to try, and others' commits are seen to reach the disk. */
  private void seen(Knowledge knowledge) {
    var before = flushed;
    if (refused && before.isPresent()) {
      knowledge
          .observed
          .flatMap(Observation::flushed)
          .filter(it -> it.compareTo(before.get()) > 0)
          .ifPresent(this::well);
    }
  }

  private void well(Lsn onDisk) {
    if (warned) {
      LOG.info("commits succeed again");
    }
    warned = false;
    wasWell = true;
    untriedFor = Duration.ZERO;
    failingFor = Duration.ZERO;
    trouble = Optional.empty();
    flushed = Optional.of(onDisk);
  }

  /** What an attempt that is under way will say is of another time. */
  private void forget() {
    number++;
    trying = false;
    refused = false;
    warned = false;
    wasWell = false;
    untriedFor = Duration.ZERO;
    failingFor = Duration.ZERO;
    trouble = Optional.empty();
    flushed = Optional.empty();
    writtenAt = Duration.ZERO;
  }

  private void tryIfDue(Duration timeout, Duration now) {
    if (trying || now.compareTo(nextTryAt) < 0) {
      return;
    }
    trying = true;
    failedBefore = failingFor;
    nextTryAt = now.plus(tryEvery(timeout));
    var patience = timeout.multipliedBy(6);
    var probe =
        new WriteProbe(
            PgConnection.local(host.settings()),
            patience.compareTo(ATTEMPT_AT_LEAST) > 0 ? patience : ATTEMPT_AT_LEAST);
    var last = flushed;
    var due = now.minus(writtenAt).compareTo(timeout) >= 0 || trouble.isPresent();
    var mine = number;
    Thread.ofPlatform()
        .daemon()
        .name("write-probe")
        .start(() -> {
          Answer answer;
          try {
            answer = probe.attempt(last, due, it -> stage = it);
          } catch (RuntimeException | Error e) {
            answer = new Answer.Refused("unexpected: " + e);
          }
          reports.accept(new Report.Tried(mine, answer));
        });
  }

  private static Duration tryEvery(Duration timeout) {
    var often = timeout.dividedBy(5);
    var notTooRarely = often.compareTo(TRY_AT_LEAST_EVERY) < 0 ? often : TRY_AT_LEAST_EVERY;
    return notTooRarely.compareTo(TRY_AT_MOST_EVERY) > 0 ? notTooRarely : TRY_AT_MOST_EVERY;
  }

  private void measure(Duration now) {
    if (measuring || now.compareTo(nextMeasureAt) < 0) {
      return;
    }
    measuring = true;
    nextMeasureAt = now.plus(MEASURE_EVERY);
    Thread.ofPlatform()
        .daemon()
        .name("wal-space")
        .start(() -> {
          Optional<WalSpace> found = Optional.empty();
          try {
            found = WalSpace.of(host.dataDir());
          } finally {
            reports.accept(new Report.Measured(found));
          }
        });
  }

  void done(Report report, Duration now) {
    switch (report) {
      case Report.Measured(var found) -> {
        measuring = false;
        space = found;
      }
      case Report.Tried(var of, var answer) -> {
        if (of == number) {
          trying = false;
          tried(answer, now);
        }
      }
    }
  }

  private void tried(Answer answer, Duration now) {
    refused = false;
    switch (answer) {
      case Answer.Written(var onDisk) -> {
        writtenAt = now;
        well(onDisk);
      }
      case Answer.Idle(var onDisk) -> well(onDisk);
      case Answer.NotServing _ -> forget();
      case Answer.Refused(var why) -> {
        refused = true;
        failingFor = failedBefore;
        wasWell = false;
        untriedFor = trouble.isPresent() ? untriedFor : Duration.ZERO;
        LOG.debug("whether commits succeed is not known: {}", why);
      }
      case Answer.Failed(var fault, var why) -> {
        var found = Optional.of(new Trouble(fault, why));
        trouble = found;
      }
    }
  }

  // --- what it means ----------------------------------------------------------------------------

  /** What was decided holds until PostgreSQL is down: it must not start again in between. */
  private Verdict verdict(Knowledge knowledge, Instance instance, Duration now) {
    var down = !(instance instanceof Instance.Primary);
    if (leaving.isPresent() && (down || knowledge.busy.isPresent())) {
      return leaving.get();
    }
    var verdict = WritePathRules.judge(view(knowledge, now));
    leaving = Optional.of(verdict).filter(it -> it instanceof Verdict.Leave);
    return verdict;
  }

  private WritePathRules.View view(Knowledge knowledge, Duration now) {
    var dynamic = knowledge.dynamic();
    return new WritePathRules.View(
        dynamic.commitTimeout(),
        dynamic.pause(),
        dynamic.onDiskFull(),
        dynamic.diskFullLeadsAtLeast(),
        path(),
        space.filter(WalSpace::isFull).isPresent(),
        knowledge.crashes,
        downSince.map(now::minus),
        dynamic.primaryStartTimeout(),
        now.minus(ledSince.orElse(now)),
        successor(knowledge, false),
        successor(knowledge, true));
  }

  private WritePath path() {
    if (endingFor.filter(it -> it.compareTo(notCommittedFor()) >= 0).isPresent()) {
      return new WritePath.Failing(Fault.ENDING, endingFor.get(), ENDING);
    }
    return failingFor.isZero()
        ? new WritePath.Unknown()
        : new WritePath.Failing(
            trouble.map(Trouble::fault).orElseGet(() -> stage.fault()),
            notCommittedFor(),
            because());
  }

  private String because() {
    return trouble.map(Trouble::why).orElseGet(() -> stage.text());
  }

  private Optional<NodeId> successor(Knowledge knowledge, boolean room) {
    return WritePathRules.successor(
        knowledge.members.values(),
        new WritePathRules.Wanted(
            knowledge.self,
            end,
            streamed,
            knowledge.lease.known().flatMap(it -> it.sync()),
            knowledge.dynamic().maximumLagOnFailoverBytes(),
            room));
  }

  private WritePathStatus status(Verdict verdict) {
    var said =
        switch (verdict) {
          case Verdict.Fine() ->
              isCalm()
                  ? Optional.<String>empty()
                  : Optional.of(endingFor.map(WriteWatch::endingText).orElseGet(this::failingText));
          case Verdict.Endure(var because) -> Optional.of(because);
          case Verdict.Restart(var because) -> Optional.of(because);
          case Verdict.Leave(var to, var because, _) ->
              Optional.of("%s; handing over to %s".formatted(because, to));
        };
    return new WritePathStatus(isCalm() ? Duration.ZERO : notCommittedFor(), said);
  }

  private String failingText() {
    return "no commit has succeeded for %d ms: %s"
        .formatted(notCommittedFor().toMillis(), because());
  }

  private static String endingText(Duration lasting) {
    return "nobody was let in for %d ms: %s".formatted(lasting.toMillis(), ENDING);
  }
}
