package dev.matriarch.multijvm.chaos.workload;

import dev.matriarch.multijvm.chaos.history.Kind;
import dev.matriarch.multijvm.chaos.history.Value;

/** Counts. */
record Counting() implements Work {
  private static final String INCREMENT =
      "UPDATE chaos_counter SET count = count + 1 RETURNING count, %s".formatted(Tables.TIMELINE);

  @Override
  public Request next() {
    return new Request(
        new Kind.Increment(),
        Step.of(INCREMENT, row -> new Value.Held(row.getLong(1), row.getInt(2))));
  }
}
