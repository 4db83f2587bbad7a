package dev.matriarch.protocol.ha;

import dev.matriarch.protocol.election.Ballot;
import dev.matriarch.protocol.ha.Decision.Stay;
import dev.matriarch.protocol.ha.Decision.Stop;
import dev.matriarch.protocol.ha.HaView.Seal;
import dev.matriarch.protocol.ha.Instance.Absent;
import dev.matriarch.protocol.ha.Instance.Empty;
import dev.matriarch.protocol.ha.Instance.Killed;
import dev.matriarch.protocol.ha.Instance.Primary;
import dev.matriarch.protocol.ha.Instance.Promoting;
import dev.matriarch.protocol.ha.Instance.Silent;
import dev.matriarch.protocol.ha.Instance.Standby;
import dev.matriarch.protocol.ha.Instance.Starting;
import dev.matriarch.protocol.ha.Instance.Stopped;
import dev.matriarch.protocol.ha.Instance.Unseen;
import dev.matriarch.protocol.ha.Instance.Unusable;
import java.util.Optional;

/**
 * How the orders of the election are carried out: before a promise of synchronous mode no WAL may
 * come in any more, and none be written as primary. It goes before all else that an agent does.
 */
public final class FenceOrder {
  private FenceOrder() {}

  /** What is to be done for the orders; empty: there are none. */
  static Optional<Decision> decide(HaView view) {
    return view.orders().fenceFor().map(ballot -> fence(view, ballot)).or(() -> incarnation(view));
  }

  private static Decision fence(HaView view, Ballot ballot) {
    var because = "fenced for %s in term %d".formatted(ballot.candidate(), ballot.term());
    return switch (view.instance()) {
      case Unseen _ -> new Stay("looking at PostgreSQL");
      case Absent _, Empty _ -> new Stay(because + ": nothing here could receive WAL");
      case Unusable(var reason) -> new Stay(because + ", and cannot be: " + reason);
      case Killed _ -> new Stay(because + ": what is left of PostgreSQL runs no more");
      case Stopped _ ->
          new Decision.StartStandby(Optional.empty(), because + ": how much is there");
      case Primary _, Promoting _ -> new Stop(true, because);
      case Starting(_, var primary) ->
          primary || view.sealed() == Seal.OPEN ? new Stop(true, because) : new Stay(because);
      case Silent(_, var primary, _) -> primary ? new Stop(true, because) : standby(view, because);
      case Standby _ -> standby(view, because);
    };
  }

  private static Decision standby(HaView view, String because) {
    if (view.sealed() != Seal.MEASURED) {
      return new Decision.Fence(because);
    }
    return view.orders()
        .fetch()
        .<Decision>map(
            it -> new Decision.Fetch(it, "%s has more WAL, and does not lead".formatted(it.from())))
        .orElseGet(() -> new Stay(because));
  }

  /** Only where no operation is making or replacing the directory. */
  private static Optional<Decision> incarnation(HaView view) {
    return view.orders()
        .incarnation()
        .filter(_ -> holdsData(view.instance()))
        .map(number ->
            new Decision.TakeIncarnation(number, "these data are not what they were before"));
  }

  private static boolean holdsData(Instance instance) {
    return switch (instance) {
      case Stopped _, Primary _, Standby _ -> true;
      case Unseen _, Absent _, Empty _, Unusable _, Killed _, Starting _, Promoting _, Silent _ ->
          false;
    };
  }

  /** What must not go on until it ends by itself. */
  static Optional<Decision> whileBusy(HaView view, Operation operation) {
    return view.orders()
        .fenceFor()
        .flatMap(ballot ->
            switch (operation) {
              case INITIALISE, START_PRIMARY, PROMOTE ->
                  Optional.of(new Stop(true, "fenced while busy: " + operation));
              case START_STANDBY, CLONE, REWIND ->
                  view.sealed() == Seal.OPEN
                      ? Optional.of(new Stop(true, "fenced while busy: " + operation))
                      : Optional.empty();
              case STOP, FOLLOW, CRASH_RECOVERY, JUDGE, FENCE, FETCH, TAKE_INCARNATION ->
                  Optional.empty();
            });
  }

  /**
   * Whether PostgreSQL receives nothing and writes nothing, and will not before the agent lets it.
   *
   * @param busy the operation that is running
   */
  public static boolean isKept(Instance instance, Seal sealed, Optional<Operation> busy) {
    return busy.map(operation ->
            switch (operation) {
              case INITIALISE, START_PRIMARY, PROMOTE, FOLLOW, CRASH_RECOVERY -> false;
              case START_STANDBY, CLONE, REWIND -> sealed != Seal.OPEN;
              case STOP, JUDGE, FENCE, FETCH, TAKE_INCARNATION -> isKept(instance, sealed);
            })
        .orElseGet(() -> isKept(instance, sealed));
  }

  /** Of data that cannot be looked at it is not known whether a server has them open. */
  private static boolean isKept(Instance instance, Seal sealed) {
    return switch (instance) {
      case Absent _, Empty _, Stopped _, Killed _ -> true;
      case Unusable _, Primary _, Promoting _ -> false;
      case Starting(_, var primary) -> !primary && sealed != Seal.OPEN;
      case Silent(_, var primary, _) -> !primary && sealed != Seal.OPEN;
      case Standby _, Unseen _ -> sealed != Seal.OPEN;
    };
  }
}
