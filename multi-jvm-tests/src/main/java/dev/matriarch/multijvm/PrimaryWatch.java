package dev.matriarch.multijvm;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Asks every node all the time whether it is the primary. An answer was true at some moment between
 * the question and its arrival, so two primaries are proved by an answer of one node that lies
 * wholly between two answers of another which said nothing else in between.
 */
final class PrimaryWatch implements AutoCloseable {
  private static final long EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private record Sample(long asked, long answered, boolean primary) {}

  private final Map<String, List<Sample>> samples = new TreeMap<>();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean stopped;

  static PrimaryWatch of(TestCluster cluster) {
    var watch = new PrimaryWatch();
    for (var node : cluster.nodes()) {
      watch.samples.put(node.name(), new ArrayList<>());
      watch.threads.add(
          Thread.ofPlatform().daemon().name("watch-" + node).start(() -> watch.look(node)));
    }
    return watch;
  }

  private void look(JvmNode node) {
    var rest = node.rest();
    var own = samples.get(node.name());
    while (!stopped && own != null) {
      var asked = System.nanoTime();
      var primary = rest.isPrimary();
      var answered = System.nanoTime();
      synchronized (own) {
        own.add(new Sample(asked, answered, primary));
      }
      LockSupport.parkNanos(EVERY_NANOS - (answered - asked));
    }
  }

  /** How often a node has said that it is the primary. */
  long sightings() {
    return samples.values().stream()
        .flatMap(it -> copy(it).stream())
        .filter(Sample::primary)
        .count();
  }

  /** Two primaries at a time, if there ever were. */
  Optional<String> twoPrimaries() {
    for (var first : samples.entrySet()) {
      for (var second : samples.entrySet()) {
        if (!first.getKey().equals(second.getKey())) {
          var found = within(copy(first.getValue()), copy(second.getValue()));
          if (found.isPresent()) {
            return Optional.of(
                "%s said to be primary while %s was".formatted(second.getKey(), first.getKey()));
          }
        }
      }
    }
    return Optional.empty();
  }

  /** A sample of {@code others} between two neighbouring ones of {@code ours}. */
  private static Optional<Sample> within(List<Sample> ours, List<Sample> others) {
    var claims = others.stream().filter(Sample::primary).toList();
    var next = 0;
    for (var claim : claims) {
      while (next < ours.size() && ours.get(next).asked() <= claim.answered()) {
        next++;
      }
      var before = lastBefore(ours, next, claim.asked());
      if (next < ours.size()
          && before >= 0
          && ours.subList(before, next + 1).stream().allMatch(Sample::primary)) {
        return Optional.of(claim);
      }
    }
    return Optional.empty();
  }

  private static int lastBefore(List<Sample> samples, int from, long moment) {
    var index = Math.min(from, samples.size() - 1);
    while (index >= 0 && samples.get(index).answered() >= moment) {
      index--;
    }
    return index;
  }

  private static List<Sample> copy(List<Sample> list) {
    synchronized (list) {
      return List.copyOf(list);
    }
  }

  @Override
  public void close() {
    stopped = true;
    for (var thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
