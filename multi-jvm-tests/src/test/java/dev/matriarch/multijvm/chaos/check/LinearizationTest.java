package dev.matriarch.multijvm.chaos.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.multijvm.chaos.check.Access.Effect;
import dev.matriarch.multijvm.chaos.check.Linearization.Result;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LinearizationTest {
  private static Access random(Random random, int last) {
    Effect effect =
        switch (random.nextInt(3)) {
          case 0 -> new Effect.Write(random.nextInt(3));
          case 1 -> new Effect.Read(random.nextInt(3));
          default -> new Effect.Swap(random.nextInt(3), random.nextInt(3));
        };
    var invoked = random.nextInt(last);
    var completed =
        random.nextInt(4) == 0 && !(effect instanceof Effect.Read)
            ? Access.NEVER
            : invoked + random.nextInt(last);
    return new Access(effect, invoked, completed);
  }

  /** All orders of all choices, tried one by one. */
  private static boolean isPossible(List<Access> left, OptionalLong held) {
    if (left.stream().noneMatch(Access::isKnown)) {
      return true;
    }
    for (var next : left) {
      var comesTooEarly = left.stream().anyMatch(it -> it.completed() < next.invoked());
      var needs = next.needs();
      var isTrue = needs.isEmpty() || held.isEmpty() || needs.equals(held);
      if (!comesTooEarly && isTrue) {
        var others = new ArrayList<>(left);
        others.remove(next);
        if (isPossible(others, OptionalLong.of(next.leaves()))) {
          return true;
        }
      }
    }
    return false;
  }

  @Test
  void itFindsAnOrderExactlyWhereTryingAllOfThemDoes() {
    var random = new Random(20);
    var results = new EnumMap<Result, Integer>(Result.class);
    for (var number = 0; number < 20_000; number++) {
      var accesses =
          IntStream.rangeClosed(1, 1 + random.nextInt(7)).mapToObj(_ -> random(random, 8)).toList();
      var first = random.nextBoolean() ? OptionalLong.of(0) : OptionalLong.empty();
      var result = Linearization.of(accesses, first);
      assertThat(result)
          .as("history %d from %s: %s", number, first, accesses)
          .isEqualTo(isPossible(accesses, first) ? Result.FOUND : Result.IMPOSSIBLE);
      results.merge(result, 1, Integer::sum);
    }
    assertThat(results.get(Result.FOUND)).isGreaterThan(5_000);
    assertThat(results.get(Result.IMPOSSIBLE)).isGreaterThan(5_000);
  }

  @Test
  void nothingIsLinearizable() {
    assertThat(Linearization.of(List.of(), OptionalLong.of(0))).isEqualTo(Result.FOUND);
  }

  @Test
  void manyUnknownAccessesThatNobodyHasSeenCostNothing() {
    var accesses = new ArrayList<Access>();
    for (var value = 1; value <= 1000; value++) {
      accesses.add(new Access(new Effect.Write(value), value, Access.NEVER));
      accesses.add(new Access(new Effect.Read(0), 2L * value, 2L * value + 1));
    }
    assertThat(Linearization.of(accesses, OptionalLong.of(0), 1001)).isEqualTo(Result.FOUND);
  }

  @Test
  void aLongHistoryOfManyClientsAtATimeIsSearchedWithLittleMemory() {
    var random = new Random(7);
    var accesses = new ArrayList<Access>();
    var held = 0L;
    for (var number = 1; number <= 2000; number++) {
      var moment = 10L * number;
      var invoked = moment - random.nextInt(40);
      var completed = moment + random.nextInt(40);
      Effect effect =
          switch (random.nextInt(3)) {
            case 0 -> new Effect.Write(number);
            case 1 -> new Effect.Read(held);
            default -> new Effect.Swap(held, number);
          };
      var access = new Access(effect, invoked, completed);
      held = access.leaves();
      accesses.add(access);
    }
    assertThat(Linearization.of(accesses, OptionalLong.of(0), 100_000)).isEqualTo(Result.FOUND);
  }
}
