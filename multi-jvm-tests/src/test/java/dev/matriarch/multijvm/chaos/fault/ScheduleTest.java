package dev.matriarch.multijvm.chaos.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ScheduleTest {
  private static final List<FaultKind> ALL = List.of(FaultKind.values());

  private static List<Schedule.Round> rounds(Schedule schedule, int count) {
    return IntStream.rangeClosed(1, count).mapToObj(schedule::round).toList();
  }

  @Test
  void theSameSeedGivesTheSameRounds() {
    assertThat(rounds(new Schedule(42, ALL, 3), 200))
        .isEqualTo(rounds(new Schedule(42, ALL, 3), 200));
  }

  @Test
  void anotherSeedGivesOtherRounds() {
    assertThat(rounds(new Schedule(42, ALL, 3), 20))
        .isNotEqualTo(rounds(new Schedule(43, ALL, 3), 20));
  }

  @Test
  void theOrderInWhichKindsAreNamedDoesNotMatter() {
    assertThat(rounds(new Schedule(7, ALL.reversed(), 3), 50))
        .isEqualTo(rounds(new Schedule(7, ALL, 3), 50));
  }

  @Test
  void aRoundDoesNotDependOnThoseThatWereAskedForBefore() {
    var asked = new Schedule(5, ALL, 3);
    rounds(asked, 30);
    assertThat(asked.round(31)).isEqualTo(new Schedule(5, ALL, 3).round(31));
  }

  @Test
  void everyKindLeadsARoundBeforeAnyDoesSoAgain() {
    var first = rounds(new Schedule(9, ALL, 1), ALL.size());
    assertThat(first)
        .extracting(it -> it.strikes().getFirst().kind())
        .containsExactlyInAnyOrderElementsOf(ALL);
  }

  @Test
  void theSecondPassHasAnotherOrderThanTheFirst() {
    var schedule = new Schedule(9, ALL, 1);
    var kinds =
        rounds(schedule, 2 * ALL.size()).stream()
            .map(it -> it.strikes().getFirst().kind())
            .toList();
    assertThat(kinds.subList(ALL.size(), 2 * ALL.size()))
        .isNotEqualTo(kinds.subList(0, ALL.size()))
        .containsExactlyInAnyOrderElementsOf(ALL);
  }

  @Test
  void strikesOverlapTheFirstOneAndAreAsManyAsAreAllowed() {
    var sizes = new HashSet<Integer>();
    for (var round : rounds(new Schedule(11, ALL, 3), 500)) {
      sizes.add(round.strikes().size());
      var first = round.strikes().getFirst();
      assertThat(first.begin()).isZero();
      assertThat(round.strikes())
          .allSatisfy(it -> assertThat(it.begin()).isBetween(first.begin(), first.end()));
    }
    assertThat(sizes).containsExactlyInAnyOrder(1, 2, 3);
  }

  @Test
  void whatLosesDataHappensAlone() {
    assertThat(rounds(new Schedule(12, ALL, 5), 1000))
        .filteredOn(round -> round.strikes().stream().anyMatch(it -> it.kind().isAlone()))
        .isNotEmpty()
        .allSatisfy(round -> assertThat(round.strikes()).hasSize(1));
  }

  @Test
  void everyStrikeKeepsToTheRangeAndTheAimOfItsKind() {
    var strikes = new ArrayList<Strike>();
    rounds(new Schedule(13, ALL, 3), 500).forEach(it -> strikes.addAll(it.strikes()));
    assertThat(strikes)
        .allSatisfy(it -> {
          assertThat(it.hold()).isBetween(it.kind().shortest(), it.kind().longest());
          assertThat(it.whom()).isIn(allowed(it.kind().aim()));
        });
    assertThat(strikes).extracting(Strike::whom).contains(Strike.Whom.values());
  }

  private static List<Strike.Whom> allowed(FaultKind.Aim aim) {
    return switch (aim) {
      case ANY -> List.of(Strike.Whom.PRIMARY, Strike.Whom.STANDBY);
      case PRIMARY -> List.of(Strike.Whom.PRIMARY);
      case STANDBY -> List.of(Strike.Whom.STANDBY);
      case ALL -> List.of(Strike.Whom.ALL);
    };
  }

  @Test
  void aScheduleOfNothingIsRefused() {
    assertThatThrownBy(() -> new Schedule(1, List.of(), 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aRoundIsPrintedWithItsFaultsAndTimes() {
    var round = new Schedule(1, List.of(FaultKind.LINK_DOWN), 1).round(1);
    assertThat(round.toString())
        .matches("round 1: link-down of (primary|standby), 0\\.0 to [0-9]+\\.[0-9] s");
  }

  @Test
  void eachKindIsFoundByItsOption() {
    assertThat(ALL).allSatisfy(it -> assertThat(FaultKind.of(it.option())).contains(it));
    assertThat(FaultKind.of("earthquake")).isEmpty();
  }
}
