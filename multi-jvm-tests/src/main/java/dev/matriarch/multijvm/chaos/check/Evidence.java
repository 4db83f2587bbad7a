package dev.matriarch.multijvm.chaos.check;

import dev.matriarch.multijvm.chaos.history.FinalState;
import dev.matriarch.multijvm.chaos.history.History;
import dev.matriarch.multijvm.chaos.history.Operation;
import dev.matriarch.multijvm.chaos.history.Value;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What the checks look at.
 *
 * @param operations in the order of their completion
 * @param ends of the nodes; may be empty
 * @param timelines those on which somebody was told that something is stored, and those of the end
 */
record Evidence(
    List<Operation> operations,
    List<FinalState> ends,
    SortedSet<Integer> timelines,
    Promises promises,
    Telling telling) {
  static Evidence of(History history, List<FinalState> ends, Promises promises) {
    var operations = history.snapshot();
    var timelines = new TreeSet<Integer>();
    operations.stream()
        .filter(Operation::isAcknowledgedWrite)
        .map(Evidence::timeline)
        .forEach(timelines::add);
    ends.stream().map(FinalState::timeline).forEach(timelines::add);
    return new Evidence(operations, List.copyOf(ends), timelines, promises, Telling.of(history));
  }

  Stream<Operation> acknowledgedWrites() {
    return operations.stream().filter(Operation::isAcknowledgedWrite);
  }

  static int timeline(Operation answered) {
    return answered.value().map(Value::timeline).orElseThrow();
  }

  /**
   * Whether all that was acknowledged must be there: not if it was acknowledged asynchronously and
   * another node has taken over since.
   */
  boolean keepsAll() {
    return promises.mode().isSynchronous() || timelines.size() <= 1;
  }

  /** What is taken for the end: a node on the newest timeline. */
  Optional<FinalState> end() {
    return ends.stream().max(Comparator.comparingInt(FinalState::timeline));
  }

  /** After all that was asked. */
  long afterwards() {
    return operations.isEmpty() ? 0 : operations.getLast().completed() + 1;
  }
}
