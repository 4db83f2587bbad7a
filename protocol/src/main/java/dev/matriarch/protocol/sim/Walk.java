package dev.matriarch.protocol.sim;

import java.util.Optional;
import java.util.function.Consumer;

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
}
