package dev.matriarch.protocol.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NamesInUseTest {
  private static final List<String> NODES = List.of("a", "b", "c");

  /** Possible for a commit that is on these standbys. */
  private record Acknowledgement(Set<String> on) {}

  @Test
  void fromNobodyTheWayLeadsOverAStandbyThatDoesNotExist() {
    var unset = only(StandbyNames.NONE);
    assertThat(unset.next(any(1, "a"))).isEqualTo(StandbyNames.HOLD);
    var holding = unset.with(any(1, "a"), StandbyNames.HOLD);
    assertThat(holding.waitingIsProof()).isTrue();
    assertThat(holding.next(any(1, "a"))).isEqualTo(StandbyNames.HOLD);
    assertThat(only(StandbyNames.HOLD).next(any(1, "a"))).isEqualTo(any(1, "a"));
  }

  @Test
  void onceTheValueWasTakenAwayAWaitingCommitProvesNothing() {
    var gone = only(any(1, "a")).with(StandbyNames.NONE, StandbyNames.NONE);
    assertThat(gone.waitingIsProof()).isFalse();
    assertThat(gone.with(any(1, "a"), any(1, "a")).waitingIsProof()).isFalse();
    assertThat(NamesInUse.unknown(any(1, "a")).waitingIsProof()).isFalse();
    assertThat(NamesInUse.unknown(any(1, "a")).next(any(1, "a"))).isEqualTo(any(1, "a"));
    var flapping = only(StandbyNames.NONE);
    for (var round = 0; round < 20; round++) {
      flapping = flapping.with(any(1, "a"), StandbyNames.HOLD);
      flapping = flapping.with(StandbyNames.NONE, StandbyNames.NONE);
    }
    assertThat(flapping.waitingIsProof()).isFalse();
    assertThat(flapping.newest()).isEqualTo(StandbyNames.NONE);
    assertThat(flapping.values()).hasSizeLessThan(20).contains(StandbyNames.HOLD);
  }

  @Test
  void fewerNamesWithASmallerNumberAreReachedOverNobodysAcknowledgement() {
    var both = only(any(2, "a", "B"));
    assertThat(both.next(any(1, "A"))).isEqualTo(any(2, "A"));
    assertThat(both.with(any(1, "A"), any(2, "A")).next(any(1, "A"))).isEqualTo(any(2, "A"));
    assertThat(only(any(2, "A")).next(any(1, "A"))).isEqualTo(any(1, "A"));
    assertThat(only(any(1, "a")).next(any(2, "a", "b"))).isEqualTo(any(2, "a"));
    assertThat(only(any(1, "a")).next(any(1, "b"))).isEqualTo(StandbyNames.HOLD);
    assertThat(only(any(1, "a")).next(any(1, "a", "b"))).isEqualTo(any(1, "a", "b"));
    assertThat(only(any(1, "a", "b")).next(any(2, "b", "a"))).isEqualTo(any(2, "b", "a"));
  }

  /** From every value over every way, also one that is given up half-way for another goal. */
  @Test
  void noMixtureOfValuesAcknowledgesWhatNoneOfThemDoes() {
    var ways = 0;
    for (var from : all()) {
      for (var first : all()) {
        for (var second : all()) {
          for (var provenSteps = 0; provenSteps < 3; provenSteps++) {
            var inUse = only(from);
            for (var step = 0; step < 3 && !inUse.isOnly(first); step++) {
              inUse = step(inUse, first, step < provenSteps);
            }
            var steps = 0;
            while (!inUse.isOnly(second)) {
              inUse = step(inUse, second, true);
              assertThat(++steps).as("%s to %s", from, second).isLessThan(5);
            }
            ways++;
          }
        }
      }
    }
    assertThat(ways).isGreaterThan(8_000);
  }

  private static NamesInUse step(NamesInUse inUse, StandbyNames goal, boolean proven) {
    var next = inUse.next(goal);
    var mixed = inUse.with(goal, next);
    if (!mixed.mayBeUnset()) {
      var allowed = new HashSet<Acknowledgement>();
      mixed.values().forEach(it -> allowed.addAll(acknowledgements(List.of(it))));
      assertThat(allowed).as("%s", mixed).containsAll(acknowledgements(mixed.values()));
    }
    return proven ? NamesInUse.only(goal, next) : mixed;
  }

  /** On which standbys a commit may be when it is acknowledged; anybody may go by any value. */
  private static Set<Acknowledgement> acknowledgements(List<StandbyNames> values) {
    var found = new HashSet<Acknowledgement>();
    for (var of : subsets()) {
      for (var releasing : values) {
        var candidates = new ArrayList<String>();
        for (var node : NODES) {
          if (values.stream().anyMatch(it -> it.names(node))) {
            candidates.add(node);
          }
        }
        var holding = candidates.stream().filter(of::contains).count();
        var releaserIsNamed = NODES.stream().anyMatch(releasing::names);
        if (releaserIsNamed && holding >= releasing.count()) {
          found.add(new Acknowledgement(of));
        }
      }
    }
    return found;
  }

  private static List<StandbyNames> all() {
    var all = new ArrayList<StandbyNames>(List.of(StandbyNames.NONE, StandbyNames.HOLD));
    for (var names : subsets()) {
      for (var count = 1; count <= names.size(); count++) {
        all.add(new StandbyNames(false, count, List.copyOf(names)));
      }
    }
    return all;
  }

  private static List<Set<String>> subsets() {
    var subsets = new ArrayList<Set<String>>();
    for (var bits = 0; bits < 1 << NODES.size(); bits++) {
      var subset = new HashSet<String>();
      for (var i = 0; i < NODES.size(); i++) {
        if ((bits & 1 << i) != 0) {
          subset.add(NODES.get(i));
        }
      }
      subsets.add(subset);
    }
    return subsets;
  }

  private static NamesInUse only(StandbyNames value) {
    return NamesInUse.only(value, value);
  }

  private static StandbyNames any(int count, String... names) {
    return new StandbyNames(false, count, List.of(names));
  }
}
