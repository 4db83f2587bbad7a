package dev.matriarch.protocol.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A rule whose absence goes unnoticed is either not needed or not tested. */
class MutationTest {
  private static final long SEEDS = 2000;

  @ParameterizedTest
  @EnumSource(value = Mutation.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void walksNoticeThatARuleIsOff(Mutation mutation) {
    var noticedBy = LongStream.range(0, SEEDS).filter(seed -> isViolated(seed, mutation));
    assertThat(noticedBy.findFirst()).as("a walk that notices " + mutation).isPresent();
  }

  private static boolean isViolated(long seed, Mutation mutation) {
    try {
      Walk.of(seed, mutation, Optional.empty());
      return false;
    } catch (AssertionError e) {
      return e.getCause() instanceof Violation;
    }
  }
}
