package dev.matriarch.multijvm.chaos.check;

import dev.matriarch.multijvm.chaos.history.Kind;
import dev.matriarch.multijvm.chaos.history.Operation;
import dev.matriarch.multijvm.chaos.history.Outcome;
import dev.matriarch.multijvm.chaos.history.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What readers of registers were told, confirmed or not: a value that somebody tried to write and
 * that did not fail for certain; and on the server that had acknowledged a later one, no earlier
 * one.
 *
 * <p>A read that nobody confirmed is promised no more. On a primary that is cut off it may be old,
 * and after a crash it may be of a commit that its server wrote down and nobody acknowledged.
 */
final class PlainReadCheck {
  /** A value of a register, which is written once only. */
  private record Written(int register, long value) {}

  private final Evidence evidence;
  private final Map<Written, Operation> writers = new HashMap<>();
  private final Map<Integer, List<Operation>> acknowledged = new HashMap<>();
  private final List<Violation> violations = new ArrayList<>();

  private PlainReadCheck(Evidence evidence) {
    this.evidence = evidence;
  }

  static List<Violation> of(Evidence evidence) {
    var check = new PlainReadCheck(evidence);
    evidence.operations().forEach(check::learn);
    evidence.operations().forEach(check::look);
    check.lookAtEnds();
    return check.violations;
  }

  private void learn(Operation operation) {
    switch (operation.kind()) {
      case Kind.RegisterWrite(var register, var value) -> learn(operation, register, value);
      case Kind.RegisterCas(var register, _, var value) -> learn(operation, register, value);
      case Kind.RegisterRead _,
          Kind.Insert _,
          Kind.Increment _,
          Kind.Transfer _,
          Kind.Balances _,
          Kind.ReplicaRead _ -> {
        // It writes no register.
      }
    }
  }

  private void learn(Operation operation, int register, long value) {
    writers.put(new Written(register, value), operation);
    if (hasWritten(operation, value)) {
      acknowledged.computeIfAbsent(register, _ -> new ArrayList<>()).add(operation);
    }
  }

  private static boolean hasWritten(Operation operation, long value) {
    return switch (operation.outcome()) {
      case Outcome.Ok(Value.Held(var held, _)) -> held == value;
      case Outcome.Ok _ -> true;
      case Outcome.Failed _, Outcome.Unknown _ -> false;
    };
  }

  private void look(Operation operation) {
    if (!(operation.outcome() instanceof Outcome.Ok(Value.Held(var held, _)))) {
      return;
    }
    switch (operation.kind()) {
      case Kind.RegisterRead(var register, var confirmed) -> {
        lookAtSource(register, held, evidence.telling().of(operation));
        if (!confirmed) {
          lookAtAge(operation, register, held);
        }
      }
      case Kind.RegisterCas(var register, _, _) ->
          lookAtSource(register, held, evidence.telling().of(operation));
      case Kind.RegisterWrite _,
          Kind.Insert _,
          Kind.Increment _,
          Kind.Transfer _,
          Kind.Balances _,
          Kind.ReplicaRead _ -> {
        // It reads no register.
      }
    }
  }

  private void lookAtEnds() {
    for (var end : evidence.ends()) {
      end.registers()
          .forEach((register, value) ->
              lookAtSource(
                  register,
                  value,
                  "register %d on %s is %d at the end".formatted(register, end.node(), value)));
    }
  }

  private void lookAtSource(int register, long held, String what) {
    var writer = writers.get(new Written(register, held));
    if (held != 0 && writer == null) {
      violations.add(new Violation(Rule.NOTHING_INVENTED, what + ", which nobody has written"));
    } else if (writer != null && writer.outcome() instanceof Outcome.Failed) {
      violations.add(
          new Violation(
              Rule.FAILED_IS_ABSENT,
              "%s%nwhich is of%n  %s".formatted(what, evidence.telling().of(writer))));
    }
  }

  /** Old is what was replaced, on this timeline and before the question, by a later write. */
  private void lookAtAge(Operation read, int register, long held) {
    var writer = writers.get(new Written(register, held));
    if (writer != null && !hasWritten(writer, held)) {
      return; // It may have taken effect at any time.
    }
    var written = writer == null ? Long.MIN_VALUE : writer.completed();
    acknowledged.getOrDefault(register, List.of()).stream()
        .filter(it -> it.invoked() > written && it.completed() < read.invoked())
        .filter(it -> Evidence.timeline(it) == Evidence.timeline(read))
        .findFirst()
        .ifPresent(it ->
            violations.add(
                new Violation(
                    Rule.REGISTERS_LINEARIZABLE,
                    "%s%nalthough before%n  %s"
                        .formatted(evidence.telling().of(read), evidence.telling().of(it)))));
  }
}
