package dev.matriarch.protocol.sim;

import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One seed, from its beginning to the well cluster at its end. */
public final class Walk {
  private Walk() {}

  /**
   * Walks.
   *
   * @param trace gets a line for each event
   * @return the dangerous situations that were reached
   * @throws AssertionError with the seed and the last events if something happened that never may
   */
  public static Marks of(long seed, Mutation mutation, Optional<Consumer<String>> trace) {
    var world = new World(seed, mutation, trace);
    try {
      world.run();
    } catch (RuntimeException e) {
      throw new AssertionError(
          "seed %d, %d ms: %s%n%s"
              .formatted(seed, world.time.nowUs() / 1000, e, world.trace.tail()),
          e);
    }
    return world.marks;
  }

  /**
   * Walks, and tells how it went, well or not.
   *
   * @param story gets a line for everything that matters, in words
   */
  public static WalkReport report(long seed, Mutation mutation, Optional<Consumer<String>> story) {
    var world = new World(seed, mutation, Optional.empty());
    story.ifPresent(it -> world.narrate(it));
    var failure = Optional.<WalkReport.Failure>empty();
    try {
      world.run();
    } catch (Violation e) {
      failure = failure(world, WalkReport.Kind.VIOLATION, e.getMessage());
    } catch (NotWell e) {
      failure = failure(world, WalkReport.Kind.NOT_WELL, e.getMessage());
    } catch (RuntimeException e) {
      failure = failure(world, WalkReport.Kind.ERROR, e.toString());
    }
    return new WalkReport(
        seed, world.hosts().size(), world.time.nowUs() / 1000, world.marks, failure);
  }

  private static Optional<WalkReport.Failure> failure(
      World world, WalkReport.Kind kind, @Nullable String what) {
    return Optional.of(new WalkReport.Failure(kind, String.valueOf(what), world.trace.tail()));
  }
}
