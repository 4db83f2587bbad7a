package dev.matriarch.protocol.sync;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The values of {@code synchronous_standby_names} that some process of PostgreSQL may still go by,
 * and over which of them the way leads to another one.
 *
 * <p>A change is not one point in time. Each walsender counts by its own copy of the number, but it
 * counts every connection that finds <em>itself</em> named ({@code SyncRepGetCandidateStandbys},
 * {@code syncrep.c}). So while values are mixed, commits may be acknowledged by the smallest number
 * of any of them, on any connection that one of them names: between {@code ANY 2 (a, b)} and {@code
 * ANY 1 (a)} a commit that only b holds. No record allows for such a mixture, so there must not be
 * one that is weaker than each of its values: where there would be, the way leads over the largest
 * number of the names that all have.
 *
 * @param settled whether the first of the values was once in force in every process
 * @param goal what was asked for last
 * @param values oldest first; the last one is on disk
 */
public record NamesInUse(boolean settled, StandbyNames goal, List<StandbyNames> values) {
  private static final int VALUES_MAX = 16;

  public NamesInUse {
    values = List.copyOf(values);
    if (values.isEmpty()) {
      throw new IllegalArgumentException("some value is always in use");
    }
  }

  /** All processes go by it. */
  public static NamesInUse only(StandbyNames goal, StandbyNames value) {
    return new NamesInUse(true, goal, List.of(value));
  }

  /** Nobody has noted what was there before; {@code shown} is what a new connection says. */
  public static NamesInUse unknown(StandbyNames shown) {
    return new NamesInUse(false, shown, List.of(StandbyNames.NONE, shown));
  }

  /** The one on disk. */
  public StandbyNames newest() {
    return values.getLast();
  }

  /** Whether no process goes by any other. */
  public boolean isOnly(StandbyNames value) {
    return settled && values.size() == 1 && newest().sameAs(value);
  }

  /** The next value is about to be written. */
  public NamesInUse with(StandbyNames newGoal, StandbyNames next) {
    if (newest().sameAs(next)) {
      return new NamesInUse(settled, newGoal, values);
    }
    var more = new ArrayList<>(values);
    more.add(next);
    return more.size() <= VALUES_MAX
        ? new NamesInUse(settled, newGoal, more)
        : new NamesInUse(false, newGoal, more.stream().distinct().toList()).endingIn(next);
  }

  private NamesInUse endingIn(StandbyNames last) {
    var sorted = new ArrayList<>(values);
    sorted.removeIf(last::equals);
    sorted.add(last);
    return new NamesInUse(settled, goal, sorted);
  }

  /** Whether the server may hold that commits wait for nobody. */
  public boolean mayBeUnset() {
    return values.contains(StandbyNames.NONE);
  }

  /**
   * Whether a commit that waits shows that all commits wait from then on. Not so if the value was
   * taken away meanwhile: then the checkpointer may be about to let go.
   */
  public boolean waitingIsProof() {
    return settled && values.lastIndexOf(StandbyNames.NONE) <= 0;
  }

  /**
   * Whether a commit that does not wait shows that none does from then on: the value is taken away
   * for the first time since all had another one.
   */
  public boolean returningIsProof() {
    return settled && values.indexOf(StandbyNames.NONE) == values.size() - 1;
  }

  /** What to write next on the way to {@code target}; once that is all there is, it is reached. */
  public StandbyNames next(StandbyNames target) {
    if (target.names().isEmpty() || isOnly(target)) {
      return target;
    }
    if (mayBeUnset()) {
      return waitingIsProof() ? StandbyNames.HOLD : target;
    }
    var all = new ArrayList<>(values);
    all.add(target);
    all.removeIf(it -> it.sameAs(StandbyNames.HOLD));
    var count = all.stream().mapToInt(StandbyNames::count).min().orElse(1);
    var union = new HashSet<String>();
    all.forEach(it -> union.addAll(folded(it)));
    var isOneOfThem =
        all.stream().anyMatch(it -> it.count() == count && folded(it).containsAll(union));
    return isOneOfThem ? target : between(target, all);
  }

  /** As strong as each of them. */
  private static StandbyNames between(StandbyNames target, List<StandbyNames> all) {
    var names =
        target.names().stream()
            .filter(name -> all.stream().allMatch(it -> folded(it).contains(fold(name))))
            .toList();
    var count = all.stream().mapToInt(StandbyNames::count).max().orElse(1);
    return names.isEmpty() ? StandbyNames.HOLD : new StandbyNames(false, count, names);
  }

  private static Set<String> folded(StandbyNames value) {
    return value.names().stream().map(NamesInUse::fold).collect(Collectors.toSet());
  }

  private static String fold(String name) {
    return name.toLowerCase(Locale.ROOT);
  }
}
