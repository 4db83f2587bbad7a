package dev.matriarch.multijvm.chaos.history;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** All operations of a run. Many threads may add to it. */
public final class History {
  /**
   * A moment by both clocks, with which times in logs are found.
   *
   * @param nanos of {@link System#nanoTime}
   * @param wallMillis since 1970, by this host's clock
   */
  public record Origin(long nanos, long wallMillis) {
    static Origin now() {
      return new Origin(System.nanoTime(), System.currentTimeMillis());
    }

    public Instant wall(long moment) {
      return Instant.ofEpochMilli(wallMillis).plusNanos(moment - nanos);
    }
  }

  private final Origin origin;
  private final List<Operation> operations;

  private History(Origin origin, List<Operation> operations) {
    this.origin = origin;
    this.operations = operations;
  }

  /** Empty; it begins now. */
  public History() {
    this(Origin.now(), new ArrayList<>());
  }

  /** Of these operations. */
  public static History of(Collection<Operation> operations) {
    return new History(Origin.now(), new ArrayList<>(operations));
  }

  public Origin origin() {
    return origin;
  }

  public synchronized void add(Operation operation) {
    operations.add(operation);
  }

  /** All so far, in the order of their completion. */
  public synchronized List<Operation> snapshot() {
    return operations.stream().sorted(Comparator.comparingLong(Operation::completed)).toList();
  }

  // --- files ------------------------------------------------------------------------------------

  /** Writes one line for the origin, and one for each operation so far. */
  public void write(Path file) throws IOException {
    var lines = new ArrayList<Object>();
    lines.add(origin);
    lines.addAll(snapshot());
    Lines.write(file, lines);
  }

  /**
   * What {@link #write} has written.
   *
   * @throws IOException also if a line is something else; it says which
   */
  public static History read(Path file) throws IOException {
    try (var lines = Lines.open(file)) {
      var origin = lines.next(Origin.class).orElseThrow(() -> new IOException(file + " is empty"));
      var operations = new ArrayList<Operation>();
      lines.forEach(Operation.class, operations::add);
      return new History(origin, operations);
    }
  }
}
