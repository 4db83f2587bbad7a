package dev.matriarch.protocol.ha;

import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.election.LeaseView;
import dev.matriarch.protocol.election.SyncSet;
import dev.matriarch.protocol.ha.Instance.Shutdown;
import dev.matriarch.protocol.ha.WritePath.Fault;
import dev.matriarch.protocol.ha.WritePath.OnDiskFull;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Steady;
import dev.matriarch.protocol.status.Ability;
import dev.matriarch.protocol.status.MemberStatus;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;

/**
 * What a leader does whose PostgreSQL answers and does not commit, lets nobody in who would, or
 * does not come up again after a crash.
 *
 * <p>It goes only where somebody is there who can take over: a primary that can still be read is
 * worth more than none. One that is shutting down anyway is then started again. A full disk is
 * special, because the others' are often as full: the leader goes only to somebody with room, and a
 * new leader keeps its place for a while.
 */
public final class WritePathRules {
  /** A first crash may have been what filled the disk with its temporary files. */
  private static final int CRASHES_OF_A_FULL_DISK = 2;

  private WritePathRules() {}

  /**
   * What is known.
   *
   * @param timeout after it a write path without any commit counts as sick; zero: never
   * @param paused an operator looks after PostgreSQL, and what he stops is to stop
   * @param leadsAtLeast so long it stays although its disk is full, counted from the begin of its
   *     leadership
   * @param full whether the disk of the WAL has no room for one more segment
   * @param crashes how often in a row PostgreSQL has ended by itself or could not be started
   * @param down for how long PostgreSQL has not been primary again since it ended, as long as it is
   *     this node's to be
   * @param startTimeout so long it may take
   * @param ledFor how long this node has led
   * @param successor who can take over
   * @param roomy who can, and has room
   */
  public record View(
      Duration timeout,
      boolean paused,
      OnDiskFull onDiskFull,
      Duration leadsAtLeast,
      WritePath path,
      boolean full,
      int crashes,
      Optional<Duration> down,
      Duration startTimeout,
      Duration ledFor,
      Optional<NodeId> successor,
      Optional<NodeId> roomy) {}

  /** What is to be done. */
  public sealed interface Verdict {
    /** What makes the leader go; empty: it stays. */
    default Optional<String> reasonToLeave() {
      return this instanceof Leave(_, var because, _) ? Optional.of(because) : Optional.empty();
    }

    /** Nothing. */
    record Fine() implements Verdict {}

    /** Go on, and say it. */
    record Endure(String because) implements Verdict {}

    /**
     * Stop PostgreSQL, and give the lease to {@code successor}.
     *
     * @param atOnce its processes hang, and would not end in order
     */
    record Leave(NodeId successor, String because, boolean atOnce) implements Verdict {}

    /** Stop PostgreSQL, and start it again. */
    record Restart(String because) implements Verdict {}
  }

  /** The verdict on a leader. */
  public static Verdict judge(View view) {
    var watched = view.timeout().isPositive();
    if (watched && view.full() && view.crashes() >= CRASHES_OF_A_FULL_DISK) {
      return full(view, "PostgreSQL crashes, and the disk of its WAL is full");
    }
    var tooLong = view.down().filter(it -> it.compareTo(view.startTimeout()) >= 0);
    if (tooLong.isPresent()) {
      return down(view);
    }
    if (!watched) {
      return new Verdict.Fine();
    }
    return switch (view.path()) {
      case WritePath.Unknown _, WritePath.Well _ -> new Verdict.Fine();
      case WritePath.Failing(_, var lasting, _) when lasting.compareTo(view.timeout()) < 0 ->
          new Verdict.Fine();
      case WritePath.Failing(var fault, _, var because) ->
          failing(view, fault, shown(view.timeout()), because);
    };
  }

  /**
   * How many crashes in a row count once there is another one. Those of a full disk tell nothing
   * about this node once there is room: it shall try then, and not give up for them.
   */
  public static int crashesAfter(int before, boolean fullDisk) {
    return fullDisk ? Math.min(before + 1, CRASHES_OF_A_FULL_DISK) : before + 1;
  }

  private static Verdict failing(View view, Fault fault, String lasting, String because) {
    var sick = "no commit has succeeded for %s: %s".formatted(lasting, because);
    // What does not fit tells so in many ways: a file of a cache that cannot be written lets nobody
    // in, as an internal error.
    if (fault == Fault.BROKEN && view.full()) {
      return full(view, sick + ", and the disk of its WAL is full");
    }
    return switch (fault) {
      case FULL -> full(view, sick);
      case ENDING -> ending(view, "nobody was let in for %s: %s".formatted(lasting, because));
      case SILENT, BROKEN, HANGING ->
          view.successor()
              .<Verdict>map(it -> new Verdict.Leave(it, sick, fault == Fault.HANGING))
              .orElseGet(() -> new Verdict.Endure(sick + "; there is nobody who could take over"));
    };
  }

  /** Its recovery would go on for nobody knows how long, and somebody else is ready. */
  private static Verdict down(View view) {
    var sick =
        view.startTimeout().isZero()
            ? "PostgreSQL has crashed"
            : "PostgreSQL has not come up again within " + shown(view.startTimeout());
    if (view.paused()) {
      return new Verdict.Endure(sick + "; the cluster is paused, and it is left to start");
    }
    return view.successor()
        .<Verdict>map(it -> new Verdict.Leave(it, sick, true))
        .orElseGet(() -> new Verdict.Endure(sick + "; there is nobody who could take over"));
  }

  /** Its clients keep it from ending, and nobody else is served meanwhile. */
  private static Verdict ending(View view, String sick) {
    if (view.paused()) {
      return new Verdict.Endure(sick + "; the cluster is paused, and it is left to end");
    }
    return view.successor()
        .<Verdict>map(it -> new Verdict.Leave(it, sick, false))
        .orElseGet(() ->
            new Verdict.Restart(sick + "; there is nobody who could take over: it starts again"));
  }

  private static Verdict full(View view, String sick) {
    if (view.onDiskFull() == OnDiskFull.STAY) {
      return new Verdict.Endure(sick + "; it stays, as on_disk_full says: make room");
    }
    if (view.roomy().isEmpty()) {
      return new Verdict.Endure(sick + "; nobody with more room could take over: make room");
    }
    return view.ledFor().compareTo(view.leadsAtLeast()) < 0
        ? new Verdict.Endure(
            sick
                + "; it has led for less than %s (disk_full_leads_at_least), and another full disk is not tried so soon: make room"
                    .formatted(shown(view.leadsAtLeast())))
        : new Verdict.Leave(view.roomy().get(), sick, false);
  }

  private static String shown(Duration timeout) {
    return timeout.toMillis() % 1000 == 0
        ? "%d s".formatted(timeout.toSeconds())
        : "%d ms".formatted(timeout.toMillis());
  }

  // --- in the agent's decisions -----------------------------------------------------------------

  /** What is decided on the way out; empty: nothing special. */
  static Optional<Decision> leaving(HaView view) {
    return view.lease() instanceof LeaseView.Mine(_, _, var record) && view.handover().isEmpty()
        ? switch (view.writePath()) {
          case Verdict.Fine() -> Optional.empty();
          case Verdict.Endure(var because) -> restarting(view, record, because);
          case Verdict.Leave leave -> leaving(view, leave);
          case Verdict.Restart(var because) ->
              view.instance().runsAsPrimary()
                  ? Optional.of(new Decision.Stop(false, because))
                  : Optional.empty();
        }
        : Optional.empty();
  }

  private static Optional<Decision> leaving(HaView view, Verdict.Leave leave) {
    return switch (view.instance()) {
      case Instance.Primary _, Instance.Silent _, Instance.Starting _ ->
          view.instance().runsAsPrimary()
              ? Optional.of(new Decision.Stop(leave.atOnce(), leavingText(leave)))
              : Optional.empty();
      case Instance.Stopped _, Instance.Killed _ ->
          Optional.of(new Decision.GiveUp(Optional.of(leave.successor()), leave.because()));
      case Instance.Unseen _,
          Instance.Absent _,
          Instance.Empty _,
          Instance.Unusable _,
          Instance.Promoting _,
          Instance.Standby _ ->
          Optional.empty();
    };
  }

  /** A start that takes too long is broken off, so that another can lead. */
  static Optional<Decision> whileStarting(HaView view) {
    return view.writePath() instanceof Verdict.Leave leave && view.handover().isEmpty()
        ? Optional.of(new Decision.Stop(true, leavingText(leave)))
        : Optional.empty();
  }

  private static String leavingText(Verdict.Leave leave) {
    return "%s; handing over to %s".formatted(leave.because(), leave.successor());
  }

  /** Giving up after some crashes would only make the next full disk the primary's. */
  private static Optional<Decision> restarting(HaView view, ClusterRecord record, String because) {
    return view.instance() instanceof Instance.Stopped(_, var timeline, var history)
            && history != Shutdown.STANDBY
            && timeline == record.timeline()
        ? Optional.of(new Decision.StartPrimary(record.timeline(), because))
        : Optional.empty();
  }

  /** Where the leader stays although it is sick the reason says so. */
  static Decision enduring(HaView view, Decision wish) {
    return wish instanceof Decision.Stay
            && view.lease() instanceof LeaseView.Mine
            && view.instance().runsAsPrimary()
            && view.writePath() instanceof Verdict.Endure(var because)
        ? new Decision.Stay(because)
        : wish;
  }

  // --- who could take over ----------------------------------------------------------------------

  /**
   * What counts for a successor.
   *
   * @param written the end of the leader's WAL; empty: not known
   * @param streamed who streamed when PostgreSQL was last up
   * @param sync the record's synchronous set: without it {@code lagMaxBytes} counts
   */
  public record Wanted(
      NodeId self,
      Optional<Lsn> written,
      Set<NodeId> streamed,
      Optional<SyncSet> sync,
      long lagMaxBytes,
      boolean room) {
    public Wanted {
      streamed = Steady.set(streamed);
    }
  }

  /** The member that would take over best: it streams, may lead, and nothing hinders it. */
  public static Optional<NodeId> successor(Collection<MemberStatus> members, Wanted wanted) {
    return members.stream()
        .filter(it -> !it.node().equals(wanted.self()) && it.tags().mayLead())
        .filter(it ->
            it.replicationState().equals(Optional.of("streaming"))
                || wanted.streamed().contains(it.node()))
        .filter(it -> it.ability().map(Ability::hindrances).filter(all -> !all.isEmpty()).isEmpty())
        .filter(it -> !wanted.room() || it.ability().filter(Ability::roomForWal).isPresent())
        .filter(it -> holdsEnough(it, wanted))
        .max(
            Comparator.comparing((MemberStatus it) -> it.newest().orElse(Lsn.ZERO))
                .thenComparingInt(it -> it.tags().failoverPriority())
                .thenComparing(MemberStatus::node, Comparator.reverseOrder()))
        .map(MemberStatus::node);
  }

  private static boolean holdsEnough(MemberStatus member, Wanted wanted) {
    return wanted
        .sync()
        .map(member::isIn)
        .orElseGet(() ->
            wanted
                .written()
                .flatMap(end -> member.newest().map(held -> end.bytes() - held.bytes()))
                .filter(lag -> lag <= wanted.lagMaxBytes())
                .isPresent());
  }
}
