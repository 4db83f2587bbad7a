package dev.matriarch.protocol.sim.explore;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Visits every state that a scene can reach, the nearest first. */
public final class Explorer {
  private static final int LOOK_EVERY = 1024;

  private final Model model;
  private final Visited visited = new Visited();
  private List<int[]> layer = new ArrayList<>();
  private List<int[]> next = new ArrayList<>();
  private long transitions;

  private record Broken(int index, String action, String rule) {}

  private final List<String> opening = new ArrayList<>();
  private final int[] first;

  private Explorer(Scene scene) {
    model = new Model(scene);
    var state = model.first();
    for (var action : scene.opening()) {
      state = step(state, (it, _) -> it.equals(action), opening);
    }
    first = state;
  }

  /**
   * Explores.
   *
   * @param maxStates it ends there, incomplete
   * @param goesOn asked now and then; false ends it, incomplete
   * @throws IllegalArgumentException if the scene opens with what cannot happen
   */
  public static Outcome explore(Scene scene, int maxStates, BooleanSupplier goesOn) {
    return new Explorer(scene).explore(maxStates, goesOn);
  }

  private Outcome explore(int maxStates, BooleanSupplier goesOn) {
    visited.add(first, -1);
    layer.add(first);
    var index = 0;
    var depth = 0;
    while (!layer.isEmpty()) {
      for (var state : layer) {
        var broken = expand(state, index);
        if (broken.isPresent()) {
          return outcome(false, depth + 1, trace(broken.get()));
        }
        index++;
        if (visited.size() > maxStates || (index % LOOK_EVERY == 0 && !goesOn.getAsBoolean())) {
          return outcome(false, depth, List.of());
        }
      }
      layer = next;
      next = new ArrayList<>();
      depth += layer.isEmpty() ? 0 : 1;
    }
    return outcome(true, depth, List.of());
  }

  private Outcome outcome(boolean complete, int depth, List<String> trace) {
    return new Outcome(complete, visited.size(), transitions, depth, model.sights(), trace);
  }

  private Optional<Broken> expand(int[] state, int index) {
    var broken = new ArrayList<Broken>();
    model.expand(
        state,
        new Sink() {
          @Override
          public void reached(Supplier<String> action, int[] after) {
            transitions++;
            if (visited.add(after, index)) {
              next.add(after);
            }
          }

          @Override
          public void broken(Supplier<String> action, String rule) {
            broken.add(new Broken(index, action.get(), rule));
          }
        });
    return broken.stream().findFirst();
  }

  // --- the trace --------------------------------------------------------------------------------

  private List<String> trace(Broken broken) {
    var way = new ArrayList<Integer>();
    for (var index = broken.index(); index > 0; index = visited.parent(index)) {
      way.addFirst(index);
    }
    var lines = new ArrayList<>(opening);
    var state = first;
    for (var index : way) {
      state = step(state, (_, after) -> visited.isAt(index, after), lines);
    }
    lines.add((lines.size() + 1) + ". " + broken.action());
    lines.add("VIOLATION: " + broken.rule());
    return lines;
  }

  /** Takes the first step that is {@code wanted}. */
  private int[] step(int[] state, BiPredicate<String, int[]> wanted, List<String> lines) {
    var possible = new ArrayList<String>();
    var found = new ArrayList<int[]>();
    model.expand(
        state,
        new Sink() {
          @Override
          public void reached(Supplier<String> action, int[] after) {
            possible.add(action.get());
            if (found.isEmpty() && wanted.test(action.get(), after)) {
              found.add(after);
              var more = model.difference(state, after);
              lines.add(
                  "%d. %s%s"
                      .formatted(
                          lines.size() + 1, action.get(), more.isEmpty() ? "" : " => " + more));
            }
          }

          @Override
          public void broken(Supplier<String> action, String rule) {}
        });
    if (found.isEmpty()) {
      throw new IllegalArgumentException(
          "after %s only these can happen: %s".formatted(lines, possible));
    }
    return found.getFirst();
  }
}
