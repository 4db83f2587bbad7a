package dev.matriarch.protocol.ha;

import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.election.LeaseView;
import dev.matriarch.protocol.ha.Decision.GiveUp;
import dev.matriarch.protocol.ha.Decision.Stay;
import dev.matriarch.protocol.ha.Decision.Stop;
import dev.matriarch.protocol.ha.HaView.Fence;
import dev.matriarch.protocol.ha.Instance.Absent;
import dev.matriarch.protocol.ha.Instance.Empty;
import dev.matriarch.protocol.ha.Instance.Killed;
import dev.matriarch.protocol.ha.Instance.Primary;
import dev.matriarch.protocol.ha.Instance.Promoting;
import dev.matriarch.protocol.ha.Instance.Shutdown;
import dev.matriarch.protocol.ha.Instance.Silent;
import dev.matriarch.protocol.ha.Instance.Standby;
import dev.matriarch.protocol.ha.Instance.Starting;
import dev.matriarch.protocol.ha.Instance.Stopped;
import dev.matriarch.protocol.ha.Instance.Unseen;
import dev.matriarch.protocol.ha.Instance.Unusable;
import dev.matriarch.protocol.model.NodeId;
import java.time.Duration;
import java.util.Optional;

/**
 * What an agent does about its PostgreSQL, given one consistent view of the world.
 *
 * <p>Three tables, one for each thing that can be true of the lease. The compiler rejects one that
 * lacks a row. The rules that none of them may break: only the holder of the lease is or becomes
 * primary; a primary without a lease stops; data of another database cluster are left alone.
 */
public final class HaPolicy {
  /** So many crashes in a row, and another node shall try. */
  public static final int CRASHES_MAX = 3;

  /** A promotion begins only if the guardian lets PostgreSQL run for so long at least. */
  public static final Duration PROMOTION_NEEDS = Duration.ofSeconds(1);

  static final String LOOKING = "looking at PostgreSQL";
  static final String KILLED =
      "PostgreSQL was killed, and the kernel does not let its processes end; does its disk hang?";

  private HaPolicy() {}

  public static Decision decide(HaView view) {
    var wish = WritePathRules.enduring(view, wish(view));
    if (isUnstoppable(view) && (wish instanceof Stop || view.instance() instanceof Unseen)) {
      return new Decision.Resign("PostgreSQL cannot even be killed");
    }
    return operationOf(wish)
        .filter(it -> it != Operation.STOP && view.resting().contains(it))
        .<Decision>map(it -> new Stay("%s waits a moment; %s".formatted(it, wish.because())))
        .orElse(wish);
  }

  /** A leader has just tried to end it, by force in the end, and something of it is left. */
  private static boolean isUnstoppable(HaView view) {
    return view.lease() instanceof LeaseView.Mine
        && view.busy().isEmpty()
        && view.resting().contains(Operation.STOP);
  }

  private static Decision wish(HaView view) {
    return view.busy()
        .map(operation -> whileBusy(view, operation))
        .or(() -> besideForeignData(view))
        .or(() -> view.stopping() ? Optional.of(stopping(view)) : Optional.empty())
        .or(() -> FenceOrder.decide(view))
        .or(() -> obstructed(view))
        .or(() -> WritePathRules.leaving(view))
        .or(() -> endingStandby(view))
        .orElseGet(() -> whenFree(view));
  }

  private static Decision whenFree(HaView view) {
    return switch (view.lease()) {
      case LeaseView.Mine(_, _, var record) -> withLease(view, record);
      case LeaseView.Theirs(var leader, var record) -> FollowerRules.decide(view, leader, record);
      case LeaseView.Vacant(var known) -> withoutLeader(view, known);
      case LeaseView.Loading _ -> new Stay("waiting for what the voter had stored");
      case LeaseView.Mute _ -> mute(view);
    };
  }

  /** An operation that makes a primary is only for the holder of the lease. */
  private static Decision whileBusy(HaView view, Operation operation) {
    var holds = view.lease() instanceof LeaseView.Mine;
    return FenceOrder.whileBusy(view, operation)
        .orElseGet(() ->
            switch (operation) {
              case START_PRIMARY ->
                  holds
                      ? WritePathRules.whileStarting(view)
                          .orElseGet(() -> new Stay("busy: " + operation))
                      : makingPrimary(view, operation);
              case INITIALISE, PROMOTE ->
                  holds ? new Stay("busy: " + operation) : makingPrimary(view, operation);
              case CLONE,
                  START_STANDBY,
                  STOP,
                  FOLLOW,
                  CRASH_RECOVERY,
                  JUDGE,
                  REWIND,
                  FENCE,
                  FETCH,
                  TAKE_INCARNATION ->
                  new Stay("busy: " + operation);
            });
  }

  private static Decision makingPrimary(HaView view, Operation operation) {
    return fenceHolds(view)
        ? new Stay("busy: " + operation)
        : new Stop(true, "lost the lease while busy: " + operation);
  }

  /** Nothing is done to them, whatever the lease says: they are not this cluster's. */
  private static Optional<Decision> besideForeignData(HaView view) {
    return view.lease()
        .known()
        .filter(view.instance()::isForeignTo)
        .map(record -> {
          var because =
              "the data are of another cluster (system identifier %s, not %s) and are left alone; move them away to join this one"
                  .formatted(
                      view.instance().dataOf().orElse("-"), record.systemIdentifier().orElse("-"));
          return view.lease() instanceof LeaseView.Mine
              ? new GiveUp(Optional.empty(), because)
              : new Stay(because);
        });
  }

  /** What could begin to lead leaves it to another; a primary is ended by other means. */
  private static Optional<Decision> obstructed(HaView view) {
    var idle = view.instance() instanceof Standby || view.instance().isDown();
    return view.lease() instanceof LeaseView.Mine && idle
        ? view.obstacle().map(it -> new GiveUp(view.successor(), it))
        : Optional.empty();
  }

  /** Its clients may keep it from ending for ever, and it could not lead as it is. */
  private static Optional<Decision> endingStandby(HaView view) {
    var standby =
        view.instance() instanceof Standby
            || (view.instance() instanceof Starting(_, var asPrimary) && !asPrimary);
    return view.ending()
        .filter(lasting -> standby && view.patience().ending().isPresent())
        .filter(lasting -> lasting.compareTo(view.patience().ending().get()) >= 0)
        .map(_ ->
            new Stop(
                false,
                "PostgreSQL was told to shut down, and has let nobody in since; it starts again"));
  }

  private static Decision stopping(HaView view) {
    var because = "the agent is stopping";
    return switch (view.instance()) {
      case Starting _, Promoting _, Primary _, Standby _, Silent _ -> new Stop(false, because);
      case Unseen _ -> new Stay(because);
      case Absent _, Empty _, Unusable _, Stopped _, Killed _ ->
          view.lease() instanceof LeaseView.Mine
              ? new GiveUp(view.successor(), because)
              : new Stay(because);
    };
  }

  // --- this node holds the lease
  // ------------------------------------------------------------------

  private static Decision withLease(HaView view, ClusterRecord record) {
    return switch (view.instance()) {
      case Unseen _ -> new Stay(LOOKING);
      case Absent _ -> new GiveUp(Optional.empty(), "a witness cannot lead");
      case Empty _ ->
          record.systemIdentifier().isEmpty()
              ? new Decision.Initialise("the cluster has no data yet")
              : new GiveUp(Optional.empty(), "there are no data here");
      case Unusable(var reason) -> new GiveUp(Optional.empty(), reason);
      case Stopped stopped -> stoppedWithLease(view, record, stopped);
      case Killed _ -> new GiveUp(view.successor(), KILLED);
      case Starting _ -> new Stay("the leader's PostgreSQL is starting");
      case Promoting _ -> new Stop(true, "a promotion of an earlier leadership is under way");
      case Primary(var identifier, var position) -> {
        if (position.timeline() != record.timeline()) {
          yield new Stop(
              true,
              "PostgreSQL is on timeline %d, the record says %d"
                  .formatted(position.timeline(), record.timeline()));
        }
        if (view.handover().isPresent()) {
          yield new Stop(false, handingOver(view.handover().get()));
        }
        yield record.systemIdentifier().isEmpty()
            ? new Decision.Identify(identifier, "the first primary of this cluster")
            : new Stay("I am (%s), the leader with the lock".formatted(view.self()));
      }
      case Standby standby -> standbyWithLease(view, record, standby);
      case Silent(_, var primary, var since) ->
          since.compareTo(view.patience().silentPrimary()) < 0
              ? new Stay("PostgreSQL does not answer; waiting")
              : new Stop(true, "PostgreSQL does not answer" + (primary ? " as primary" : ""));
    };
  }

  private static Decision stoppedWithLease(HaView view, ClusterRecord record, Stopped stopped) {
    if (view.crashes() >= CRASHES_MAX) {
      return new GiveUp(
          Optional.empty(), "PostgreSQL crashed %d times in a row".formatted(view.crashes()));
    }
    if (view.handover().isPresent() && stopped.history() == Shutdown.PRIMARY_CLEAN) {
      return new GiveUp(view.handover(), handingOver(view.handover().get()));
    }
    var wasPrimary = stopped.history() != Shutdown.STANDBY;
    return wasPrimary && stopped.timeline() == record.timeline()
        ? new Decision.StartPrimary(record.timeline(), "the leader's PostgreSQL is down")
        : new Decision.StartStandby(Optional.empty(), "elected; to be promoted");
  }

  private static String handingOver(NodeId successor) {
    return "handing over to " + successor;
  }

  private static Decision standbyWithLease(HaView view, ClusterRecord record, Standby standby) {
    if (view.tooSmall()) {
      return tooSmall();
    }
    if (standby.position().timeline() >= record.timeline()) {
      return new GiveUp(
          Optional.empty(),
          "timeline %d is used here already".formatted(standby.position().timeline()));
    }
    if (view.crashes() >= CRASHES_MAX) {
      return new GiveUp(Optional.empty(), "it could not be promoted");
    }
    return fenceAllows(view)
        ? new Decision.Promote(record.timeline(), "elected in term %d".formatted(record.term()))
        : new Stay("elected; waiting until the guardian has the lease");
  }

  static Decision tooSmall() {
    return new Stop(false, "its replay has stopped until it is started with larger limits");
  }

  private static boolean fenceAllows(HaView view) {
    return view.fence() instanceof Fence.Deadline(var left) && left.compareTo(PROMOTION_NEEDS) >= 0;
  }

  // --- nobody leads
  // -------------------------------------------------------------------------------

  private static Decision withoutLeader(HaView view, Optional<ClusterRecord> known) {
    return switch (view.instance()) {
      case Unseen _ -> new Stay(LOOKING);
      case Absent _ -> new Stay("witness; there is no leader");
      case Empty _ ->
          known.isPresent()
              ? new Stay("no data, and there is no leader")
              : new Stay(
                  "no data; a new cluster begins once all members are heard, or after ttl, unless"
                      + " one has data");
      case Unusable(var reason) -> new Stay(reason);
      case Stopped _ -> stoppedWithoutLeader(view, known);
      case Killed _ -> new Stay(KILLED);
      case Starting(_, var asPrimary) ->
          asPrimary ? stopUnlessFenced(view, known) : new Stay("PostgreSQL is starting");
      case Promoting _, Primary _ -> stopUnlessFenced(view, known);
      case Standby standby -> standbyWithoutLeader(view, known, standby);
      case Silent(_, var primary, _) ->
          primary ? stopUnlessFenced(view, known) : new Stay("PostgreSQL does not answer");
    };
  }

  /** Its rank counts only once all WAL that it has was replayed: a standby says so when sealed. */
  private static Decision standbyWithoutLeader(
      HaView view, Optional<ClusterRecord> known, Standby standby) {
    if (view.tooSmall()) {
      return tooSmall();
    }
    var synchronous = known.flatMap(ClusterRecord::sync).isPresent();
    return synchronous && view.sealed() != HaView.Seal.MEASURED && !standby.measured()
        ? new Decision.Fence("no leader: to learn its position")
        : new Stay("standby; there is no leader");
  }

  /** They may be another cluster's: what the record says of them is awaited before a start. */
  private static Decision stoppedWithoutLeader(HaView view, Optional<ClusterRecord> known) {
    return known.flatMap(ClusterRecord::systemIdentifier).isPresent() || view.unfounded()
        ? new Decision.StartStandby(Optional.empty(), "no leader: to learn its position")
        : new Stay(
            "data, and no record of their cluster; waiting until a majority of members says that"
                + " there is none");
  }

  /**
   * What runs as a standby goes on; nothing is started, for nobody can say as what. There may be a
   * record, so a primary is not taken for one of no cluster.
   */
  private static Decision mute(HaView view) {
    var because = "this node does not vote any more; restart its agent once the store is repaired";
    return switch (view.instance()) {
      case Unseen _ -> new Stay(LOOKING);
      case Absent _, Empty _, Unusable _, Stopped _, Killed _, Standby _ -> new Stay(because);
      case Starting(_, var primary) -> primary ? stopOnceFenced(view) : new Stay(because);
      case Silent(_, var primary, _) -> primary ? stopOnceFenced(view) : new Stay(because);
      case Promoting _, Primary _ -> stopOnceFenced(view);
    };
  }

  private static Decision stopOnceFenced(HaView view) {
    return fenceHolds(view)
        ? new Stay("primary within its last lease")
        : new Stop(true, "no lease, and no vote to get one");
  }

  /**
   * A primary whose agent has restarted runs on within the guardian's deadline while it stands
   * again. One that no agent ever managed waits for the first election of its cluster.
   */
  private static Decision stopUnlessFenced(HaView view, Optional<ClusterRecord> known) {
    if (fenceHolds(view)) {
      return new Stay("primary within its last lease; standing again");
    }
    // While it is being elected, there is a record without data.
    var unfounded = known.flatMap(ClusterRecord::systemIdentifier).isEmpty();
    return unfounded && !wasManaged(view)
        ? new Stay("primary of no cluster yet; waiting to be elected")
        : new Stop(true, "no lease");
  }

  /** A primary that an agent has started, or led with, has a guardian with a deadline. */
  static boolean wasManaged(HaView view) {
    return view.fence() instanceof Fence.Deadline;
  }

  private static boolean fenceHolds(HaView view) {
    return view.fence() instanceof Fence.Deadline(var left) && left.isPositive();
  }

  /** The operation that carries a decision out. */
  public static Optional<Operation> operationOf(Decision decision) {
    return switch (decision) {
      case Decision.Initialise _ -> Optional.of(Operation.INITIALISE);
      case Decision.StartPrimary _ -> Optional.of(Operation.START_PRIMARY);
      case Decision.StartStandby _ -> Optional.of(Operation.START_STANDBY);
      case Decision.Promote _ -> Optional.of(Operation.PROMOTE);
      case Decision.Follow _ -> Optional.of(Operation.FOLLOW);
      case Decision.Stop _ -> Optional.of(Operation.STOP);
      case Decision.RecoverCrash _ -> Optional.of(Operation.CRASH_RECOVERY);
      case Decision.Judge _ -> Optional.of(Operation.JUDGE);
      case Decision.Rewind _ -> Optional.of(Operation.REWIND);
      case Decision.Clone _ -> Optional.of(Operation.CLONE);
      case Decision.Fence _ -> Optional.of(Operation.FENCE);
      case Decision.Fetch _ -> Optional.of(Operation.FETCH);
      case Decision.TakeIncarnation _ -> Optional.of(Operation.TAKE_INCARNATION);
      case Stay _, Decision.Identify _, GiveUp _, Decision.Resign _ -> Optional.empty();
    };
  }
}
