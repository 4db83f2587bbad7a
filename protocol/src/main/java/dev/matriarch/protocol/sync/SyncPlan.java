package dev.matriarch.protocol.sync;

import dev.matriarch.protocol.election.SyncSet;
import java.util.Optional;

/**
 * How the leader changes the synchronous set: one step at a time, from whatever state it finds.
 *
 * <p>Every setting that PostgreSQL may go by guarantees every record that may be adopted. So a
 * change that the settings in use guarantee begins with the record; one that a new setting
 * guarantees begins with PostgreSQL, and the record follows once that setting is in force
 * everywhere and what was written before has caught up. PostgreSQL may be left with any setting
 * that guarantees the record; which change that once belonged to does not matter, so another leader
 * goes on from every point.
 */
public final class SyncPlan {
  private final SyncPolicy policy;
  private final SyncView view;
  private final SyncView.Postgres postgres;
  private final SyncSetting own;

  private SyncPlan(SyncPolicy policy, SyncView view) {
    this.policy = policy;
    this.view = view;
    this.postgres = view.postgres();
    this.own = policy.settingFor(view.record());
  }

  /** The next step towards what the policy wants. */
  public static SyncStep next(SyncPolicy policy, SyncView view) {
    return view.proposed()
        ? new SyncStep.Wait("a change of the record is under way")
        : new SyncPlan(policy, view).next();
  }

  private SyncStep next() {
    if (policy.mode() == SyncMode.OFF && view.record().isPresent()) {
      return new SyncStep.ProposeRecord(Optional.empty(), "synchronous mode is off");
    }
    if (view.record().isPresent() && !view.isMember(view.leader())) {
      return new SyncStep.Wait("the record does not name these data yet");
    }
    if (!isCovered()) {
      return postgres.asked().equals(own)
          ? new SyncStep.Wait("the record's setting is not in force yet")
          : new SyncStep.SetPostgres(own, "the record asks for it");
    }
    if (policy.mode() != SyncMode.OFF && !IncarnationName.canName(view.leader().node())) {
      return new SyncStep.Wait(
          "'%s' cannot be a synchronous standby's name: use at most %d printable ASCII characters"
              .formatted(view.leader().node(), IncarnationName.NODE_MAX));
    }
    var wanted = SyncTarget.of(policy, view);
    if (wanted.isEmpty() || wanted.equals(view.record())) {
      return rest(restingReason());
    }
    var next = SyncRoute.next(view.leader().node(), view.record(), wanted.get(), view::worth);
    var recordFirst = SyncRoute.recordFirst(view.leader().node(), view.record(), next);
    if (!mayStart(next, recordFirst)) {
      return rest(
          "%d of %d members are there; waiting for %d"
              .formatted(view.present(next), next.members().size(), needed(next)));
    }
    return recordFirst ? recordFirst(next) : postgresFirst(next);
  }

  private String restingReason() {
    var waiting =
        own instanceof SyncSetting.Held
            || view.record().filter(it -> view.present(it) < it.copies()).isPresent();
    return waiting ? "commits wait for a standby" : "settled";
  }

  /** Whether what PostgreSQL does keeps the record's promise. */
  private boolean isCovered() {
    return postgres.possible().stream()
        .allMatch(it -> it.guarantees(view.leader().node(), view.record()));
  }

  /**
   * Enough members are there to commit and to be elected. Where they are not even now, a change
   * that makes neither worse is the way out, once nobody is waited for any more: to a new leader
   * all are missing at first, and whom it would keep may be those that are lost.
   */
  private boolean mayStart(SyncSet next, boolean recordFirst) {
    return view.present(next) >= needed(next)
        || (recordFirst
            && view.standbys().stream().noneMatch(this::isAwaited)
            && view.record()
                .filter(it -> missing(next, next.copies()) <= missing(it, it.copies()))
                .filter(it -> missing(next, next.readQuorum()) <= missing(it, it.readQuorum()))
                .isPresent());
  }

  private boolean isAwaited(SyncView.Standby standby) {
    return view.isMember(standby.incarnation()) && standby.mayReturn(view.now(), policy.patience());
  }

  private long missing(SyncSet set, int wanted) {
    return Math.max(0, wanted - view.present(set));
  }

  private static int needed(SyncSet set) {
    return Math.max(set.copies(), set.readQuorum());
  }

  private SyncStep recordFirst(SyncSet next) {
    var guaranteed =
        !postgres.inUse().isEmpty()
            && postgres.possible().stream()
                .allMatch(it -> SyncRoute.recordFirst(view.leader().node(), it.waitsFor(), next));
    return guaranteed
        ? new SyncStep.ProposeRecord(Optional.of(next), "from now on " + text(next))
        : rest("the setting in force does not allow %s yet".formatted(text(next)));
  }

  private SyncStep postgresFirst(SyncSet next) {
    var setting = policy.settingFor(Optional.of(next));
    if (postgres.asked().equals(setting)) {
      if (!postgres.inForce(setting)) {
        return new SyncStep.Wait("%s is not in force yet".formatted(text(next)));
      }
      return postgres.proven().equals(Optional.of(next))
          ? new SyncStep.ProposeRecord(Optional.of(next), text(next) + " is proven")
          : new SyncStep.Wait("earlier commits are not on %s yet".formatted(text(next)));
    }
    return postgres.inForce(postgres.asked())
        ? new SyncStep.SetPostgres(setting, "to become " + text(next))
        : rest("another setting is not in force yet");
  }

  /** What there is to do while the record stays as it is. */
  private SyncStep rest(String because) {
    if (postgres.inForce(own)) {
      return view.record().equals(SyncTarget.of(policy, view))
          ? new SyncStep.Nothing(because)
          : new SyncStep.Wait(because);
    }
    if (postgres.asked().equals(own)) {
      return new SyncStep.Wait("the record's setting is not in force yet");
    }
    var proven =
        postgres.inForce(postgres.asked()) && postgres.asked().waitsFor().equals(postgres.proven());
    return proven
        ? new SyncStep.SetPostgres(own, "the record asks for it")
        : new SyncStep.GiveUp(own, because);
  }

  private static String text(SyncSet set) {
    return "%d copies on %d members".formatted(set.copies(), set.members().size());
  }
}
