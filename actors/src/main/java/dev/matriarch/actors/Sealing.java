package dev.matriarch.actors;

import dev.matriarch.protocol.ha.Decision;
import dev.matriarch.protocol.ha.HaPolicy;
import dev.matriarch.protocol.ha.HaView.Seal;
import dev.matriarch.protocol.model.Position;
import java.util.Optional;

/**
 * How far the local PostgreSQL is cut off from all WAL, by what this agent did to it. After a start
 * of the agent it counts as open. Touched by the supervisor only.
 */
final class Sealing {
  private Seal seal = Seal.OPEN;
  private Optional<Position> measured = Optional.empty();
  private Optional<Position> least = Optional.empty();
  private Optional<FollowGate> gate = Optional.empty();

  Seal seal() {
    return seal;
  }

  /** All the WAL that is there; known only while nothing can come in. */
  Optional<Position> measured() {
    return measured;
  }

  /**
   * What the standby that runs has at least, whatever it shows: once nothing streams to it, it
   * shows the timeline of its control file, which may be one behind. Less than was told once would
   * be other data.
   */
  Position atLeast(Position shown) {
    return least.filter(it -> it.compareTo(shown) > 0).orElse(shown);
  }

  /** An operation is about to begin; what it asks before it follows. */
  FollowGate begins(Decision decision) {
    var opened = new FollowGate();
    gate = Optional.empty();
    HaPolicy.operationOf(decision)
        .ifPresent(operation -> {
          switch (operation) {
            case FOLLOW -> open();
            case INITIALISE, START_PRIMARY, PROMOTE, CRASH_RECOVERY -> {
              open();
              least = Optional.empty();
            }
            case CLONE, REWIND -> {
              open();
              least = Optional.empty();
              gate = Optional.of(opened);
            }
            case START_STANDBY -> {
              open();
              least = Optional.empty();
              if (decision instanceof Decision.StartStandby(var upstream, _)
                  && upstream.isEmpty()) {
                closed();
              }
            }
            case STOP, JUDGE, FENCE, FETCH, TAKE_INCARNATION -> {}
          }
        });
    return opened;
  }

  /** Keeps the operation that runs from following, if it still can be kept. */
  void closeIfPossible() {
    if (gate.filter(FollowGate::close).isPresent()) {
      closed();
    }
  }

  void ended() {
    gate = Optional.empty();
  }

  /** It was cut off; what was known of its end may not be all. */
  void closed() {
    seal = Seal.CLOSED;
    measured = Optional.empty();
  }

  /** It was cut off, and this is how much it has. */
  void measured(Position position) {
    seal = Seal.MEASURED;
    measured = Optional.of(position);
    least = measured;
  }

  private void open() {
    seal = Seal.OPEN;
    measured = Optional.empty();
  }
}
