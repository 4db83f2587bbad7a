package dev.matriarch.multijvm.chaos.check;

import java.util.OptionalLong;

/**
 * An operation on one register as the search for an order sees it.
 *
 * @param completed {@link #NEVER} if nobody knows whether it took effect
 */
record Access(Effect effect, long invoked, long completed) {
  static final long NEVER = Long.MAX_VALUE;

  /** What it does to the register, and what that must hold for the answer to be true. */
  sealed interface Effect {
    record Write(long value) implements Effect {}

    record Read(long value) implements Effect {}

    /** A compare-and-set that found what it expected; one that did not is a read. */
    record Swap(long expected, long value) implements Effect {}
  }

  boolean isKnown() {
    return completed != NEVER;
  }

  /** What the register has to hold before. */
  OptionalLong needs() {
    return switch (effect) {
      case Effect.Write _ -> OptionalLong.empty();
      case Effect.Read(var value) -> OptionalLong.of(value);
      case Effect.Swap(var expected, _) -> OptionalLong.of(expected);
    };
  }

  /** What it holds after. */
  long leaves() {
    return switch (effect) {
      case Effect.Write(var value) -> value;
      case Effect.Read(var value) -> value;
      case Effect.Swap(_, var value) -> value;
    };
  }
}
