package dev.matriarch.protocol.sim;

import java.util.PriorityQueue;

/** The true time, microseconds, and what will happen in it. */
final class VirtualTime {
  private record Event(long atUs, long number, Runnable action) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      return atUs != other.atUs
          ? Long.compare(atUs, other.atUs)
          : Long.compare(number, other.number);
    }
  }

  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private Runnable onlooker = () -> {};
  private long nowUs;
  private long scheduled;

  long nowUs() {
    return nowUs;
  }

  void after(long delayUs, Runnable action) {
    events.add(new Event(nowUs + Math.max(1, delayUs), scheduled++, action));
  }

  /** {@code onlooker} sees the world after every event, also after one that must not be. */
  void afterEach(Runnable onlooker) {
    this.onlooker = onlooker;
  }

  /** Runs what happens until {@code endUs}; {@code afterEach} sees the world after every event. */
  void runUntil(long endUs, Runnable afterEach) {
    for (var next = events.peek(); next != null && next.atUs() <= endUs; next = events.peek()) {
      events.remove();
      nowUs = next.atUs();
      next.action().run();
      onlooker.run();
      afterEach.run();
    }
    nowUs = endUs;
  }
}
