package dev.matriarch.deploy.simulate;

import dev.matriarch.protocol.sim.Mark;
import dev.matriarch.protocol.sim.Marks;
import dev.matriarch.protocol.sim.Mutation;
import dev.matriarch.protocol.sim.Walk;
import dev.matriarch.protocol.sim.WalkReport;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Walks one seed after the other, on several threads if asked, up to the first that fails. */
final class Journey {
  private static final long PROGRESS_EVERY_NS = 10_000_000_000L;

  /**
   * What is to be walked.
   *
   * @param first seed
   * @param many seeds
   */
  record Plan(long first, int many, Mutation mutation, int jobs) {}

  /**
   * What came of it.
   *
   * @param walks how many were walked
   * @param notWell walks that did not recover although that was not what was looked for
   * @param small what of this were clusters of three nodes, and how long one processor had them
   * @param failure of the lowest seed that failed
   */
  record Result(
      int walks,
      int notWell,
      long virtualMs,
      long wallNs,
      Marks marks,
      Share small,
      Optional<WalkReport> failure) {

    String render() {
      var minutes = virtualMs / 60_000.0;
      var seconds = wallNs / 1e9;
      var speed =
          "%d seeds, %.1f cluster-minutes in %.1f s: %.0f cluster-minutes per second%s"
              .formatted(walks, minutes, seconds, minutes / seconds, small.render());
      var unwell = notWell == 0 ? "" : "\n%d walks did not recover".formatted(notWell);
      return speed + "\nreached: " + text(marks) + unwell;
    }

    /** Situations that no walk came to. */
    List<String> missed() {
      return Arrays.stream(Mark.values())
          .filter(it -> marks.count(it) == 0)
          .map(Journey::words)
          .toList();
    }
  }

  /** A part of the walks. */
  record Share(long virtualMs, long busyNs) {
    Share with(WalkReport report, long ns) {
      return new Share(virtualMs + report.virtualMs(), busyNs + ns);
    }

    String render() {
      return busyNs == 0
          ? ""
          : "; of three nodes %.0f on one processor"
              .formatted(virtualMs / 60_000.0 / (busyNs / 1e9));
    }
  }

  private final Plan plan;
  private final Consumer<String> progress;
  private final long beganNs = System.nanoTime();
  private final Marks marks = new Marks();
  private int given;
  private int walked;
  private int notWell;
  private long virtualMs;
  private Share small = new Share(0, 0);
  private long progressNs = beganNs;
  private Optional<WalkReport> failure = Optional.empty();

  /**
   * @param progress gets a line each ten seconds
   */
  Journey(Plan plan, Consumer<String> progress) {
    this.plan = plan;
    this.progress = progress;
  }

  Result walk() throws InterruptedException {
    try (var threads = Executors.newFixedThreadPool(plan.jobs())) {
      var running =
          IntStream.range(0, plan.jobs()).mapToObj(_ -> threads.submit(this::walkOn)).toList();
      for (var one : running) {
        await(one);
      }
    }
    synchronized (this) {
      var wallNs = Math.max(1, System.nanoTime() - beganNs);
      return new Result(walked, notWell, virtualMs, wallNs, marks, small, failure);
    }
  }

  private static void await(Future<?> one) throws InterruptedException {
    try {
      one.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("a walk ended the simulator", e.getCause());
    }
  }

  private void walkOn() {
    for (var seed = next(); seed.isPresent(); seed = next()) {
      var began = System.nanoTime();
      var report = Walk.report(seed.get(), plan.mutation(), Optional.empty());
      add(report, System.nanoTime() - began);
    }
  }

  /** Seeds are given out in order, so the lowest that fails is known when all before it are. */
  private synchronized Optional<Long> next() {
    return given == plan.many() || failure.isPresent()
        ? Optional.empty()
        : Optional.of(plan.first() + given++);
  }

  private synchronized void add(WalkReport report, long busyNs) {
    walked++;
    small = report.nodes() == 3 ? small.with(report, busyNs) : small;
    virtualMs += report.virtualMs();
    marks.add(report.marks());
    if (SimulateCommand.counts(plan.mutation(), report)) {
      if (failure.filter(it -> it.seed() < report.seed()).isEmpty()) {
        failure = Optional.of(report);
      }
    } else if (report.failure().isPresent()) {
      notWell++;
    }
    var now = System.nanoTime();
    if (now - progressNs >= PROGRESS_EVERY_NS) {
      progressNs = now;
      var perSecond = virtualMs / 60_000.0 / ((now - beganNs) / 1e9);
      progress.accept(
          "%d of %d seeds, %.0f cluster-minutes per second"
              .formatted(walked, plan.many(), perSecond));
    }
  }

  /** Situations that were never reached are told too: they prove nothing. */
  static String text(Marks marks) {
    return Arrays.stream(Mark.values())
        .map(it -> "%s %d".formatted(words(it), marks.count(it)))
        .collect(Collectors.joining(", "));
  }

  private static String words(Mark mark) {
    return mark.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
