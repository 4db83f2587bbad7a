package dev.matriarch.multijvm.chaos.check;

import dev.matriarch.multijvm.chaos.check.Access.Effect;
import dev.matriarch.multijvm.chaos.history.Kind;
import dev.matriarch.multijvm.chaos.history.Operation;
import dev.matriarch.multijvm.chaos.history.Outcome;
import dev.matriarch.multijvm.chaos.history.Value;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * Whether each register is linearizable, with what it holds at the end as one more read. Reads that
 * nobody confirmed are left to {@link PlainReadCheck}.
 *
 * <p>Where a fail-over may lose something, the accesses that were answered on one timeline are
 * judged without the others, from whatever the register held when it began.
 */
final class RegisterCheck {
  private static final int TOLD = 10;

  private final Evidence evidence;
  private final int memory;

  private RegisterCheck(Evidence evidence, int memory) {
    this.evidence = evidence;
    this.memory = memory;
  }

  static List<Violation> of(Evidence evidence) {
    return of(evidence, Linearization.MEMORY);
  }

  /**
   * As the other.
   *
   * @param memory of each search
   */
  static List<Violation> of(Evidence evidence, int memory) {
    var check = new RegisterCheck(evidence, memory);
    var violations = new ArrayList<Violation>();
    byRegister(evidence)
        .forEach((register, operations) -> violations.addAll(check.look(register, operations)));
    return violations;
  }

  private static Map<Integer, List<Operation>> byRegister(Evidence evidence) {
    var registers = new TreeMap<Integer, List<Operation>>();
    for (var operation : evidence.operations()) {
      register(operation)
          .ifPresent(it -> registers.computeIfAbsent(it, _ -> new ArrayList<>()).add(operation));
    }
    return registers;
  }

  /** The register that a confirmed access is about. */
  private static OptionalInt register(Operation operation) {
    return switch (operation.kind()) {
      case Kind.RegisterWrite(var register, _) -> OptionalInt.of(register);
      case Kind.RegisterCas(var register, _, _) -> OptionalInt.of(register);
      case Kind.RegisterRead(var register, var confirmed) ->
          confirmed ? OptionalInt.of(register) : OptionalInt.empty();
      case Kind.Insert _, Kind.Increment _, Kind.Transfer _, Kind.Balances _, Kind.ReplicaRead _ ->
          OptionalInt.empty();
    };
  }

  private List<Violation> look(int register, List<Operation> operations) {
    if (evidence.keepsAll()) {
      return judge(register, operations, OptionalLong.of(0), true).stream().toList();
    }
    var timelines = evidence.timelines();
    return timelines.stream()
        .flatMap(timeline ->
            judge(
                register,
                operations.stream()
                    .filter(
                        it -> it.value().filter(value -> value.timeline() != timeline).isEmpty())
                    .toList(),
                timeline.equals(timelines.getFirst()) ? OptionalLong.of(0) : OptionalLong.empty(),
                timeline.equals(timelines.getLast()))
                .stream())
        .toList();
  }

  /**
   * Searches for an order.
   *
   * @param last whether it is followed by what is there at the end
   */
  private Optional<Violation> judge(
      int register, List<Operation> operations, OptionalLong first, boolean last) {
    var accesses = new ArrayList<>(accesses(operations, Long.MAX_VALUE));
    var atEnd =
        last
            ? evidence.end().map(it -> it.registers().getOrDefault(register, 0L))
            : Optional.<Long>empty();
    var later = evidence.afterwards();
    atEnd.ifPresent(it -> accesses.add(new Access(new Effect.Read(it), later, later)));
    return switch (Linearization.of(accesses, first, memory)) {
      case FOUND -> Optional.empty();
      case GAVE_UP ->
          Optional.of(
              new Violation(
                  Rule.REGISTERS_DECIDED,
                  "register %d has %d accesses, of %d of which the outcome is unknown: that is more"
                          .formatted(register, accesses.size(), unknown(accesses))
                      + " than can be tried; give the check more memory or each register fewer"
                      + " accesses"));
      case IMPOSSIBLE ->
          Optional.of(
              new Violation(
                  Rule.REGISTERS_LINEARIZABLE, proof(register, operations, first, atEnd)));
    };
  }

  private static long unknown(List<Access> accesses) {
    return accesses.stream().filter(it -> !it.isKnown()).count();
  }

  // --- accesses ---------------------------------------------------------------------------------

  /** As they are known at a moment: answers that came later are not known yet. */
  private static List<Access> accesses(List<Operation> operations, long moment) {
    return operations.stream()
        .filter(it -> it.invoked() <= moment)
        .flatMap(it -> access(it, it.completed() <= moment).stream())
        .toList();
  }

  /** Empty if it says nothing, and does nothing. */
  private static Optional<Access> access(Operation operation, boolean answered) {
    var effect =
        switch (operation.outcome()) {
          case Outcome.Ok(var value) ->
              Optional.of(answered ? done(operation, value) : may(operation));
          case Outcome.Unknown _ -> Optional.of(may(operation));
          case Outcome.Failed _ -> Optional.<Effect>empty();
        };
    var known = answered && operation.value().isPresent();
    return effect
        .filter(it -> known || !(it instanceof Effect.Read))
        .map(it ->
            new Access(it, operation.invoked(), known ? operation.completed() : Access.NEVER));
  }

  private static Effect done(Operation operation, Value answer) {
    return answer instanceof Value.Held(var held, _)
            && !(operation.kind() instanceof Kind.RegisterCas(_, _, var value) && value == held)
        ? new Effect.Read(held)
        : may(operation);
  }

  /** What it does if it succeeds. */
  private static Effect may(Operation operation) {
    return switch (operation.kind()) {
      case Kind.RegisterWrite(_, var value) -> new Effect.Write(value);
      case Kind.RegisterCas(_, var expected, var value) -> new Effect.Swap(expected, value);
      case Kind.RegisterRead _ -> new Effect.Read(0);
      case Kind.Insert _, Kind.Increment _, Kind.Transfer _, Kind.Balances _, Kind.ReplicaRead _ ->
          throw new IllegalStateException("not of a register: " + operation);
    };
  }

  // --- the proof --------------------------------------------------------------------------------

  /**
   * The earliest answer with which there is no order any more: an order of all accesses has one of
   * all earlier ones in it, so it can be searched by halves.
   */
  private String proof(
      int register, List<Operation> operations, OptionalLong first, Optional<Long> atEnd) {
    var answered =
        operations.stream()
            .filter(it -> it.value().isPresent())
            .sorted(Comparator.comparingLong(Operation::completed))
            .toList();
    var low = 0;
    var high = answered.size();
    while (low < high) {
      var middle = (low + high) / 2;
      var known = accesses(operations, answered.get(middle).completed());
      if (Linearization.of(known, first, memory) == Linearization.Result.IMPOSSIBLE) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    if (low == answered.size()) {
      return "register %d holds %s at the end, which no order explains of%s"
          .formatted(
              register,
              atEnd.map(Object::toString).orElse("nothing"),
              told(operations, Long.MAX_VALUE, Optional.empty()));
    }
    var culprit = answered.get(low);
    return "register %d: no order explains the answer%s%nafter%s"
        .formatted(
            register,
            "\n  " + evidence.telling().of(culprit),
            told(operations, culprit.completed(), Optional.of(culprit)));
  }

  /** The last ones that may have had an effect before a moment. */
  private String told(List<Operation> operations, long moment, Optional<Operation> without) {
    var before =
        operations.stream()
            .filter(it -> it.invoked() <= moment && without.filter(it::equals).isEmpty())
            .filter(it -> !(it.outcome() instanceof Outcome.Failed))
            .sorted(Comparator.comparingLong(Operation::invoked))
            .toList();
    return evidence.telling().of(before.subList(Math.max(0, before.size() - TOLD), before.size()));
  }
}
