package dev.matriarch.multijvm.chaos.check;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The search for an order in which the accesses to one register could have taken effect, each
 * between its invocation and its answer, so that all answers are true.
 *
 * <p>It is the search of Wing and Gong (Testing and Verifying Concurrent Objects, Journal of
 * Parallel and Distributed Computing 17, 1993) with the memory of Lowe (Testing for
 * Linearizability, Concurrency and Computation 29, 2017): what was reached once, the same accesses
 * taken and the same value held, is not tried again. Each register is searched by itself, which
 * Horn and Kroening (Faster Linearizability Checking via P-Compositionality, FORTE 2015) justify.
 *
 * <p>An access of unknown outcome may be taken at any time after its invocation, or not at all.
 */
final class Linearization {
  /** The end of a search. */
  enum Result {
    FOUND,
    IMPOSSIBLE,
    /** It has remembered as much as it may. */
    GAVE_UP
  }

  /** About 100 bytes each. */
  static final int MEMORY = 400_000;

  private static final int HEAD = 0;

  private record Reached(BitSet taken, OptionalLong held) {}

  /** One access taken, and what the register held before. */
  private record Taken(int access, OptionalLong before) {}

  private final List<Access> accesses;
  private final int memory;

  // A list, linked both ways, of the events of the accesses that are not taken, in order of time.
  // Event 0 is its head; an event beyond the accesses is an answer, of access event - size.
  private final int[] next;
  private final int[] previous;

  private final BitSet taken = new BitSet();
  private final Deque<Taken> path = new ArrayDeque<>();
  private final Set<Reached> reached = new HashSet<>();
  private OptionalLong held;

  private Linearization(List<Access> accesses, OptionalLong first, int memory) {
    this.accesses = accesses;
    this.held = first;
    this.memory = memory;
    this.next = new int[2 * accesses.size() + 1];
    this.previous = new int[2 * accesses.size() + 1];
    link();
  }

  /**
   * Searches.
   *
   * @param first what the register holds at first; empty: anything
   */
  static Result of(List<Access> accesses, OptionalLong first) {
    return of(accesses, first, MEMORY);
  }

  /**
   * As the other.
   *
   * @param memory how much may be remembered
   */
  static Result of(List<Access> accesses, OptionalLong first, int memory) {
    return new Linearization(withoutUnseen(accesses), first, memory).search();
  }

  /**
   * Without those of unknown outcome that nobody needs to have taken effect: whatever order has one
   * in it is as good without, since the next access in it must be one that needs no value.
   */
  private static List<Access> withoutUnseen(List<Access> accesses) {
    var seen =
        accesses.stream()
            .map(Access::needs)
            .flatMap(it -> it.stream().boxed())
            .collect(Collectors.toSet());
    Predicate<Access> kept = it -> it.isKnown() || seen.contains(it.leaves());
    var left = accesses.stream().filter(kept).toList();
    return left.size() == accesses.size() ? left : withoutUnseen(left);
  }

  private void link() {
    var events = new ArrayList<Integer>();
    for (var access = 0; access < accesses.size(); access++) {
      events.add(call(access));
      if (accesses.get(access).isKnown()) {
        events.add(answer(access));
      }
    }
    // At the same moment an access may still overlap with one that is just answered.
    events.sort(Comparator.comparingLong(this::moment).thenComparing(Comparator.naturalOrder()));
    var last = HEAD;
    for (var event : events) {
      next[last] = event;
      previous[event] = last;
      last = event;
    }
    next[last] = HEAD;
    previous[HEAD] = last;
  }

  private static int call(int access) {
    return access + 1;
  }

  private int answer(int access) {
    return accesses.size() + access + 1;
  }

  private long moment(int event) {
    return event <= accesses.size()
        ? accesses.get(event - 1).invoked()
        : accesses.get(event - accesses.size() - 1).completed();
  }

  private Result search() {
    var open = (int) accesses.stream().filter(Access::isKnown).count();
    var event = next[HEAD];
    while (open > 0) {
      if (event == HEAD || event > accesses.size()) {
        // All that could have been next, before this answer, has been tried.
        if (path.isEmpty()) {
          return Result.IMPOSSIBLE;
        }
        var last = path.pop();
        giveBack(last);
        open += accesses.get(last.access()).isKnown() ? 1 : 0;
        event = next[call(last.access())];
      } else if (isNew(event - 1)) {
        if (reached.size() > memory) {
          return Result.GAVE_UP;
        }
        take(event - 1);
        open -= accesses.get(event - 1).isKnown() ? 1 : 0;
        event = next[HEAD];
      } else {
        event = next[event];
      }
    }
    return Result.FOUND;
  }

  /** Whether the access can be next, and leads where the search has not been. */
  private boolean isNew(int access) {
    var needs = accesses.get(access).needs();
    if (needs.isPresent() && held.isPresent() && needs.getAsLong() != held.getAsLong()) {
      return false;
    }
    var then = (BitSet) taken.clone();
    then.set(access);
    return reached.add(new Reached(then, OptionalLong.of(accesses.get(access).leaves())));
  }

  private void take(int access) {
    path.push(new Taken(access, held));
    taken.set(access);
    held = OptionalLong.of(accesses.get(access).leaves());
    unlink(call(access));
    if (accesses.get(access).isKnown()) {
      unlink(answer(access));
    }
  }

  private void giveBack(Taken last) {
    taken.clear(last.access());
    held = last.before();
    // In the opposite order of taking, so that each finds its neighbours as it left them.
    if (accesses.get(last.access()).isKnown()) {
      relink(answer(last.access()));
    }
    relink(call(last.access()));
  }

  private void unlink(int event) {
    next[previous[event]] = next[event];
    previous[next[event]] = previous[event];
  }

  private void relink(int event) {
    next[previous[event]] = event;
    previous[next[event]] = event;
  }
}
