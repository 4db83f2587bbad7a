package dev.matriarch.multijvm.chaos.check;

import dev.matriarch.multijvm.chaos.history.Beginning;
import dev.matriarch.multijvm.chaos.history.FinalState;
import dev.matriarch.multijvm.chaos.history.History;
import dev.matriarch.multijvm.chaos.history.Kind;
import dev.matriarch.multijvm.chaos.history.Operation;
import dev.matriarch.multijvm.chaos.history.Outcome;
import dev.matriarch.multijvm.chaos.history.Value;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** A history written down by hand. Moments are milliseconds. */
final class Script {
  private static final long MILLI = 1_000_000;

  private final List<Operation> operations = new ArrayList<>();
  private final List<FinalState> ends = new ArrayList<>();

  // --- operations -------------------------------------------------------------------------------

  Script operation(String node, long from, long to, Kind kind, Outcome outcome) {
    operations.add(new Operation("client", kind, node, from * MILLI, to * MILLI, outcome));
    return this;
  }

  private Script ok(String node, long from, long to, Kind kind, Value value) {
    return operation(node, from, to, kind, new Outcome.Ok(value));
  }

  Script unknown(String node, long from, long to, Kind kind) {
    return operation(node, from, to, kind, new Outcome.Unknown("no answer"));
  }

  Script failed(String node, long from, long to, Kind kind) {
    return operation(node, from, to, kind, new Outcome.Failed("40001 could not serialize"));
  }

  Script insert(String node, int timeline, long from, long to, long key) {
    return ok(node, from, to, new Kind.Insert(key), new Value.Stored(timeline, key));
  }

  /** To register 1. */
  Script write(String node, int timeline, long from, long to, long value) {
    return ok(node, from, to, new Kind.RegisterWrite(1, value), new Value.Stored(timeline, 0));
  }

  /** Of register 1. */
  Script read(String node, int timeline, long from, long to, long value, boolean confirmed) {
    return ok(node, from, to, new Kind.RegisterRead(1, confirmed), new Value.Held(value, timeline));
  }

  /** Of register 1. */
  Script cas(String node, int timeline, long from, long to, long expected, long value, long held) {
    return ok(
        node, from, to, new Kind.RegisterCas(1, expected, value), new Value.Held(held, timeline));
  }

  Script increment(String node, int timeline, long from, long to, long count) {
    return ok(node, from, to, new Kind.Increment(), new Value.Held(count, timeline));
  }

  Script balances(String node, long from, long to, Long... balances) {
    return ok(node, from, to, new Kind.Balances(), new Value.Accounts(List.of(balances), 1));
  }

  /** Of the counter. */
  Script look(
      String node, long life, int timeline, boolean recovering, long from, long to, long count) {
    return ok(
        node, from, to, new Kind.ReplicaRead(), new Value.Seen(count, life, timeline, recovering));
  }

  // --- the end ----------------------------------------------------------------------------------

  static List<Long> money() {
    return Collections.nCopies(Beginning.ACCOUNTS, Beginning.BALANCE);
  }

  Script end(FinalState state) {
    ends.add(state);
    return this;
  }

  Script end(
      String node, int timeline, Set<Long> keys, Map<Integer, Long> registers, long counter) {
    return end(
        new FinalState(
            node, timeline, new TreeSet<>(keys), new TreeMap<>(registers), money(), counter));
  }

  /** With these rows, and nothing else. */
  Script endRows(String node, int timeline, Long... keys) {
    return end(node, timeline, Set.of(keys), Map.of(), 0);
  }

  /** With this in register 1, and nothing else. */
  Script endRegister(int timeline, long value) {
    return end("node1", timeline, Set.of(), value == 0 ? Map.of() : Map.of(1, value), 0);
  }

  // --- the verdict ------------------------------------------------------------------------------

  Evidence evidence() {
    return Evidence.of(
        History.of(operations), ends, new Promises(Mode.QUORUM, Duration.ofSeconds(2)));
  }

  Verdict judge(Mode mode) {
    return Checks.judge(History.of(operations), ends, new Promises(mode, Duration.ofSeconds(2)));
  }

  /** In quorum mode. */
  List<Rule> broken() {
    return broken(Mode.QUORUM);
  }

  List<Rule> broken(Mode mode) {
    return judge(mode).violations().stream().map(Violation::rule).distinct().toList();
  }
}
