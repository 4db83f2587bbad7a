package dev.matriarch.protocol.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A rule whose absence goes unnoticed is either not needed or not tested.
 *
 * <p>Some are noticed by one walk in thousands, so the walk that did so last is tried first; any
 * other of the first {@value #SEEDS} will do.
 */
class MutationTest {
  private static final long SEEDS = 5000;

  private static final Map<Mutation, Long> NOTICED_LAST_BY = new EnumMap<>(Mutation.class);

  static {
    NOTICED_LAST_BY.put(Mutation.PROMISE_NOT_SAVED, 518L);
    NOTICED_LAST_BY.put(Mutation.LEASE_FROM_THE_ANSWER, 220L);
    NOTICED_LAST_BY.put(Mutation.LEASE_FROM_A_MINORITY, 206L);
    NOTICED_LAST_BY.put(Mutation.READ_QUORUM_ONE_SMALLER, 2846L);
    NOTICED_LAST_BY.put(Mutation.POSTGRES_BEFORE_RECORD, 4367L);
    NOTICED_LAST_BY.put(Mutation.NO_CATCH_UP, 3259L);
    NOTICED_LAST_BY.put(Mutation.PROMOTED_WITHOUT_THE_SETTING, 294L);
  }

  @ParameterizedTest
  @EnumSource(value = Mutation.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void walksNoticeThatARuleIsOff(Mutation mutation) {
    var last = NOTICED_LAST_BY.getOrDefault(mutation, 0L);
    var noticedBy =
        LongStream.concat(LongStream.of(last), LongStream.range(0, SEEDS))
            .filter(seed -> isNoticed(seed, mutation))
            .findFirst();
    assertThat(noticedBy).as("a walk that notices " + mutation).isPresent();
    System.out.printf("%s is noticed by seed %d%n", mutation, noticedBy.getAsLong());
  }

  private static boolean isNoticed(long seed, Mutation mutation) {
    return Walk.report(seed, mutation, Optional.empty())
        .failure()
        .filter(it -> mutation.isNoticedBy(it.kind()))
        .isPresent();
  }
}
