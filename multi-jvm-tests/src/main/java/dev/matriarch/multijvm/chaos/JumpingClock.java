package dev.matriarch.multijvm.chaos;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A wall clock that was wrong for known times, for reading what was written by it.
 *
 * @param jumps in any order
 */
record JumpingClock(List<Jump> jumps) {
  /** A node takes note of a jump only after so long. */
  private static final Duration NOTICE = Duration.ofMillis(1500);

  /**
   * A time during which it was off.
   *
   * @param from and {@code until}: by a right clock
   */
  record Jump(Instant from, Instant until, Duration offset) {
    boolean holds(Instant truth) {
      return !truth.isBefore(from) && !truth.isAfter(until.plus(NOTICE));
    }

    boolean holdsSurely(Instant truth) {
      return !truth.isBefore(from.plus(NOTICE)) && !truth.isAfter(until);
    }
  }

  JumpingClock {
    jumps = List.copyOf(jumps);
  }

  static JumpingClock right() {
    return new JumpingClock(List.of());
  }

  /**
   * When a stamp was written: of the times that it may mean the first that is not before the line
   * above it.
   */
  Instant truth(Instant stamp, Instant before) {
    var straight =
        jumps.stream().noneMatch(it -> it.holdsSurely(stamp))
            ? Stream.of(stamp)
            : Stream.<Instant>empty();
    var shifted =
        jumps.stream()
            .flatMap(jump -> Optional.of(stamp.minus(jump.offset())).filter(jump::holds).stream());
    var found =
        Stream.concat(straight, shifted).filter(it -> !it.isBefore(before)).min(Instant::compareTo);
    return found.orElse(before.isAfter(stamp) ? before : stamp);
  }
}
