package dev.matriarch.deploy.demo;

/** Milliseconds since the check began, on the monotonic clock; one for all its threads. */
record Stopwatch(long startNanos) {
  static Stopwatch start() {
    return new Stopwatch(System.nanoTime());
  }

  double nowMs() {
    return (System.nanoTime() - startNanos) / 1e6;
  }
}
