package dev.matriarch.actors;

import java.util.concurrent.atomic.AtomicReference;

/**
 * Decides once whether an operation that ends in following somebody may still do so: it asks at the
 * last moment, and the supervisor may have closed the gate before.
 */
final class FollowGate {
  private enum State {
    UNDECIDED,
    FOLLOWS,
    CLOSED
  }

  private final AtomicReference<State> state = new AtomicReference<>(State.UNDECIDED);

  /** For the operation; from a yes on the gate cannot be closed any more. */
  boolean mayFollow() {
    state.compareAndSet(State.UNDECIDED, State.FOLLOWS);
    return state.get() == State.FOLLOWS;
  }

  /** For the supervisor; true: the operation will not follow anybody. */
  boolean close() {
    state.compareAndSet(State.UNDECIDED, State.CLOSED);
    return state.get() == State.CLOSED;
  }
}
