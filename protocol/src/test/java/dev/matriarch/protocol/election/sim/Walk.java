package dev.matriarch.protocol.election.sim;

/** One seed, from its beginning to the well cluster at its end. */
final class Walk {
  private Walk() {}

  /**
   * @throws AssertionError with the seed and the last events if something happened that never may
   */
  static Marks of(long seed, Mutation mutation) {
    var world = new World(seed, mutation, Long.getLong("sim.seed") != null);
    try {
      world.run();
    } catch (RuntimeException e) {
      throw new AssertionError(
          "seed %d, %d ms: %s%nreplay: mvn verify -pl protocol -Dtest=ElectionSimulationTest -Dsim.seed=%d%n%s"
              .formatted(seed, world.time.nowUs() / 1000, e, seed, world.trace.tail()),
          e);
    }
    return world.marks;
  }
}
