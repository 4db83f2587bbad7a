package dev.matriarch.multijvm.chaos.picture;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * From moments to pixels.
 *
 * @param from the moment at {@code left}, and {@code until} that at {@code right}
 */
record Scale(long from, long until, double left, double right) {
  private static final int TICKS_MAX = 16;

  double x(long moment) {
    var within = Math.clamp(moment, from, until);
    return left + (right - left) * (within - from) / Math.max(1.0, (double) (until - from));
  }

  /** Seconds since the begin at which there is a line: round ones, and not too many. */
  List<Long> ticks() {
    var seconds = TimeUnit.NANOSECONDS.toSeconds(until - from);
    var step =
        Stream.iterate(1L, it -> it * 10)
            .flatMap(it -> Stream.of(it, 2 * it, 5 * it))
            .filter(it -> seconds / it <= TICKS_MAX)
            .findFirst()
            .orElseThrow();
    return LongStream.rangeClosed(0, seconds / step).map(it -> it * step).boxed().toList();
  }

  double xOfSecond(long second) {
    return x(from + TimeUnit.SECONDS.toNanos(second));
  }
}
