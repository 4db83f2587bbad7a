package dev.matriarch.multijvm.chaos.workload;

import dev.matriarch.multijvm.chaos.history.Kind;
import java.util.concurrent.atomic.AtomicLong;

/** Inserts rows with keys that no other attempt has. */
record Rows(AtomicLong keys) implements Work {
  private static final String INSERT =
      "INSERT INTO chaos_rows (id) VALUES (?) RETURNING %s".formatted(Stored.COLUMNS);

  @Override
  public Request next() {
    var key = keys.incrementAndGet();
    return new Request(new Kind.Insert(key), Step.of(INSERT, Stored::of, key));
  }
}
