package dev.matriarch.protocol.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A rule whose absence goes unnoticed is either not needed or not tested.
 *
 * <p>Some are noticed by one walk in thousands, so the walk that did so last is tried first; any
 * other of the first {@value #SEEDS} will do. {@link MutationSceneTest} has the rules that walks do
 * not show.
 */
class MutationTest {
  private static final long SEEDS = 20_000;

  private static final Map<Mutation, Long> NOTICED_LAST_BY = new EnumMap<>(Mutation.class);

  static {
    NOTICED_LAST_BY.put(Mutation.GUARDIAN_WITHOUT_MARGIN, 11L);
    NOTICED_LAST_BY.put(Mutation.GUARDIAN_TOLD_WHAT_REMAINS, 190L);
    NOTICED_LAST_BY.put(Mutation.PROMOTION_WITHOUT_LEAVE, 21L);
    NOTICED_LAST_BY.put(Mutation.RELEASED_BEFORE_STOPPED, 26L);
    NOTICED_LAST_BY.put(Mutation.LOST_STORE_KEEPS_ITS_ID, 28L);
    NOTICED_LAST_BY.put(Mutation.DRIFT_NOT_SUBTRACTED, 82L);
    NOTICED_LAST_BY.put(Mutation.LEASE_FROM_THE_ANSWER, 116L);
    NOTICED_LAST_BY.put(Mutation.LEASE_FROM_A_MINORITY, 146L);
    NOTICED_LAST_BY.put(Mutation.BEAT_NUMBERS_REPEAT, 37L);
    NOTICED_LAST_BY.put(Mutation.SILENCE_OF_THE_PRESENT_TTL, 175L);
    NOTICED_LAST_BY.put(Mutation.DOES_NOT_STAND_AGAIN, 79L);
    NOTICED_LAST_BY.put(Mutation.FOUNDED_BESIDE_DATA, 103L);
    NOTICED_LAST_BY.put(Mutation.PROMISE_NOT_SAVED, 72L);
    NOTICED_LAST_BY.put(Mutation.ACCEPTS_AN_OLDER_BALLOT, 11L);
    NOTICED_LAST_BY.put(Mutation.OWN_RECORD_ADOPTED, 0L);
    NOTICED_LAST_BY.put(Mutation.OUTGOING_VOTERS_NOT_ASKED, 20L);
    NOTICED_LAST_BY.put(Mutation.TIMELINE_FROM_OWN_DATA, 14L);
    NOTICED_LAST_BY.put(Mutation.MAXIMUM_LAG_IGNORED, 55L);
    NOTICED_LAST_BY.put(Mutation.GOES_ON_DESPITE_ANOTHER_ELECTION, 1225L);
    NOTICED_LAST_BY.put(Mutation.FENCED_WITHOUT_STOPPING_THE_STREAM, 144L);
    NOTICED_LAST_BY.put(Mutation.GRANTS_DESPITE_A_NEWER_PROMISE, 307L);
    NOTICED_LAST_BY.put(Mutation.PRIMARY_RUNS_ON_WHEN_FENCED, 157L);
    NOTICED_LAST_BY.put(Mutation.READ_QUORUM_ONE_SMALLER, 132L);
    NOTICED_LAST_BY.put(Mutation.BETTER_WAL_NOT_FETCHED, 193L);
    NOTICED_LAST_BY.put(Mutation.FETCHED_UNDER_A_NEWER_PROMISE, 836L);
    NOTICED_LAST_BY.put(Mutation.PROMOTED_WITHOUT_THE_SETTING, 2L);
    NOTICED_LAST_BY.put(Mutation.LOST_STORE_KEEPS_ITS_DATA, 7143L);
    NOTICED_LAST_BY.put(Mutation.RECORD_BEFORE_POSTGRES, 12L);
    NOTICED_LAST_BY.put(Mutation.POSTGRES_BEFORE_RECORD, 1107L);
    NOTICED_LAST_BY.put(Mutation.PROVEN_BEFORE_IN_FORCE, 1L);
    NOTICED_LAST_BY.put(Mutation.NO_CATCH_UP, 2490L);
    NOTICED_LAST_BY.put(Mutation.FULL_REPLAY_NOT_AWAITED, 18L);
  }

  static Stream<Mutation> mutations() {
    return Rulebook.all().stream().filter(it -> !it.isRare()).map(Rulebook.Rule::off);
  }

  @ParameterizedTest
  @MethodSource("mutations")
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
