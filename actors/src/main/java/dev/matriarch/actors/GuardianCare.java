package dev.matriarch.actors;

import dev.matriarch.actors.postgres.Guardian;
import dev.matriarch.actors.postgres.HostClock;
import dev.matriarch.actors.postgres.Watchdog;
import dev.matriarch.protocol.election.LeaseView;
import dev.matriarch.protocol.ha.FencePolicy;
import dev.matriarch.protocol.ha.Instance;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The care that PostgreSQL does not run without a guardian that knows the lease: what runs without
 * one gets one, and a primary that cannot have one is stopped. Touched by the supervisor only.
 */
final class GuardianCare {
  private static final Logger LOG = LoggerFactory.getLogger(GuardianCare.class);

  private final Knowledge knowledge;
  private final Optional<Operations> operations;
  private final Consumer<String> notAdopted;
  private final Consumer<Guardian> gone;
  private boolean adopting;
  private boolean stoppingUnguarded;

  /**
   * @param notAdopted gets the reason, on any thread, and is to call {@link #notAdopted}
   * @param gone gets a guardian whose PostgreSQL has ended, on any thread, and is to call {@link
   *     #postmasterGone}
   */
  GuardianCare(
      Knowledge knowledge,
      Optional<Operations> operations,
      Consumer<String> notAdopted,
      Consumer<Guardian> gone) {
    this.knowledge = knowledge;
    this.operations = operations;
    this.notAdopted = notAdopted;
    this.gone = gone;
  }

  /** Takes over the guardian that is there already. */
  void begin(PostgresHost host) {
    knowledge.guardian.use(new Watchdog(host.agent().watchdog()));
    Guardian.find(host.site().guardian().controlDir()).ifPresent(this::takeOver);
  }

  /** Tells the guardian what is new; false if there turned out to be none any more. */
  boolean tell(Duration now) {
    var order = FencePolicy.order(knowledge.lease, knowledge.instance(now), knowledge.busy);
    if (!knowledge.guardian.obey(order)) {
      LOG.warn("the guardian has ended; PostgreSQL gets a new one");
      knowledge.guardian.letGo();
      return false;
    }
    return true;
  }

  /** A primary that could not be given a guardian would outlive its lease if this agent died. */
  void stopUnguarded(Duration now) {
    var instance = knowledge.instance(now);
    var primary =
        knowledge.lease instanceof LeaseView.Mine
            && (instance.runsAsPrimary() || instance instanceof Instance.Promoting);
    if (knowledge.guardian.isUnguarded(primary, now) && !stoppingUnguarded) {
      LOG.error("PostgreSQL is primary without a guardian and is stopped");
      operations.ifPresent(it -> it.stopNow(true));
    }
    stoppingUnguarded = knowledge.guardian.isUnguarded(primary, now);
  }

  /** A guardian was started. */
  void watch(Guardian guardian) {
    var deadline =
        knowledge.lease instanceof LeaseView.Mine(_, var until, _) && knowledge.becoming.isPresent()
            ? Optional.of(until)
            : Optional.<Duration>empty();
    watch(guardian, deadline);
  }

  private void watch(Guardian guardian, Optional<Duration> deadline) {
    adopting = false;
    knowledge.guardian.watch(guardian, deadline);
    var _ = guardian.postmasterExit().thenRun(() -> gone.accept(guardian));
  }

  /** An earlier life of this agent left it; what it was told then holds, one lease at the most. */
  private void takeOver(Guardian guardian) {
    var now = Duration.ofNanos(HostClock.bootNanos());
    watch(guardian, Optional.of(now.plus(knowledge.dynamic().ttl())));
    LOG.info("took over the guardian of process {}", guardian.postmaster().pid());
  }

  /** Whether the PostgreSQL that has ended is the one that was watched. */
  boolean postmasterGone(Guardian guardian, Duration now) {
    if (!knowledge.guardian.isOf(guardian)) {
      return false;
    }
    knowledge.guardian.letGo();
    var unexpected = knowledge.busy.isEmpty();
    if (unexpected) {
      knowledge.ended(now);
    }
    LOG.info(
        "PostgreSQL (process {}) has ended{}",
        guardian.postmaster().pid(),
        unexpected ? ", unexpectedly" : "");
    return true;
  }

  /** A postmaster that runs without a guardian gets one; as primary only within a lease. */
  void adoptUnguarded(Duration now) {
    var untouched = knowledge.busy.filter(it -> !Operations.keepsPostmaster(it)).isEmpty();
    if (knowledge.guardian.isThere() || !untouched || adopting) {
      return;
    }
    var postmaster = knowledge.observed.flatMap(Observation::postmaster);
    var deadline =
        knowledge.lease instanceof LeaseView.Mine(_, var until, _)
            ? Optional.of(until.toMillis())
            : Optional.<Long>empty();
    var instance = knowledge.instance(now);
    if (knowledge.isForeign(instance)) {
      return;
    }
    var standby = instance instanceof Instance.Standby;
    if (postmaster.isPresent() && (standby || deadline.isPresent())) {
      adopting = true;
      operations.ifPresent(
          it -> it.adopt(postmaster.get(), standby ? Optional.empty() : deadline, notAdopted));
    }
  }

  void notAdopted(String reason) {
    adopting = false;
    LOG.warn("PostgreSQL runs without a guardian: {}", reason);
  }
}
