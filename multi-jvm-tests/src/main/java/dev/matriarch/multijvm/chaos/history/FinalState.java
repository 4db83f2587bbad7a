package dev.matriarch.multijvm.chaos.history;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a node has in its tables when all clients have ended and it has replayed everything.
 *
 * @param keys of the rows that were inserted
 * @param registers those that hold something else than at first
 * @param accounts the balances, in the order of the accounts
 */
public record FinalState(
    String node,
    int timeline,
    SortedSet<Long> keys,
    SortedMap<Integer, Long> registers,
    List<Long> accounts,
    long counter) {
  public FinalState {
    keys = Collections.unmodifiableSortedSet(new TreeSet<>(keys));
    registers = Collections.unmodifiableSortedMap(new TreeMap<>((Map<Integer, Long>) registers));
    accounts = List.copyOf(accounts);
  }

  /** Writes one line for each. */
  public static void write(Path file, List<FinalState> states) throws IOException {
    Lines.write(file, states);
  }

  /**
   * What {@link #write} has written.
   *
   * @throws IOException also if a line is something else; it says which
   */
  public static List<FinalState> read(Path file) throws IOException {
    try (var lines = Lines.open(file)) {
      var states = new ArrayList<FinalState>();
      lines.forEach(FinalState.class, states::add);
      return states;
    }
  }
}
