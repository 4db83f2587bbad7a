package dev.matriarch.protocol.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Walks whole clusters through faults, and then lets them recover; see {@link Referee} for what
 * never may happen and {@link Recovery} for what must.
 *
 * <p>{@code -Dsim.seed=N} replays one walk and prints it; {@code -Dsim.seeds=FROM-TO} explores.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ElectionSimulationTest {
  private static final long FIXED_SEEDS = 600;
  private static final Marks ALL = new Marks();

  static LongStream seeds() {
    var only = Long.getLong("sim.seed");
    if (only != null) {
      return LongStream.of(only);
    }
    var range = System.getProperty("sim.seeds", "0-" + (FIXED_SEEDS - 1)).split("-", 2);
    return LongStream.rangeClosed(Long.parseLong(range[0]), Long.parseLong(range[1]));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  @Order(1)
  void oneLeaderAtATimeAndOneOnceTheFaultsEnd(long seed) {
    var marks =
        Walk.of(
            seed,
            Mutation.NONE,
            Optional.<Consumer<String>>of(System.out::println)
                .filter(_ -> Long.getLong("sim.seed") != null));
    ALL.add(marks);
    assertThat(marks.count(Mark.ELECTED)).as("elections in this walk").isPositive();
  }

  @Test
  @Order(2)
  void theWalksReachEveryDangerousSituation() {
    if (seeds().count() < FIXED_SEEDS) {
      return; // somebody looks at a few walks only
    }
    System.out.println("reached: " + ALL);
    var missed = EnumSet.allOf(Mark.class);
    missed.removeIf(it -> ALL.count(it) > 0);
    assertThat(missed).as("situations that no walk reached").isEmpty();
    assertThat(ALL.count(Mark.ELECTED)).as("elections").isGreaterThan(5 * seeds().count());
  }
}
