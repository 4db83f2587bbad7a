package dev.matriarch.multijvm.chaos.check;

import dev.matriarch.multijvm.chaos.history.History;
import dev.matriarch.multijvm.chaos.history.Kind;
import dev.matriarch.multijvm.chaos.history.Operation;
import dev.matriarch.multijvm.chaos.history.Outcome;
import dev.matriarch.multijvm.chaos.history.Value;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Collection;
import java.util.Locale;
import java.util.stream.Collectors;

/** Operations in words, with the times of the picture and of the logs. */
record Telling(History.Origin origin) {
  private static final int FEW = 12;
  private static final DateTimeFormatter CLOCK =
      DateTimeFormatter.ofPattern("HH:mm:ss.SSS", Locale.ROOT).withZone(ZoneId.systemDefault());

  static Telling of(History history) {
    return new Telling(history.origin());
  }

  String seconds(long moment) {
    return String.format(Locale.ROOT, "%.3f s", (moment - origin.nanos()) / 1e9);
  }

  static String millis(long nanos) {
    return String.format(Locale.ROOT, "%.0f ms", nanos / 1e6);
  }

  String of(Operation operation) {
    return "%s to %s (%s): %s at %s, %s: %s"
        .formatted(
            seconds(operation.invoked()),
            seconds(operation.completed()),
            CLOCK.format(origin.wall(operation.completed())),
            operation.client(),
            operation.node(),
            of(operation.kind()),
            of(operation.outcome()));
  }

  /** One a line, and not more than can be read. */
  String of(Collection<Operation> operations) {
    var lines =
        operations.stream().limit(FEW).map(it -> "\n  " + of(it)).collect(Collectors.joining());
    return operations.size() > FEW
        ? "%s%n  and %d more".formatted(lines, operations.size() - FEW)
        : lines;
  }

  static String few(Collection<?> things) {
    var named = things.stream().limit(FEW).map(Object::toString).collect(Collectors.joining(", "));
    return things.size() > FEW ? "%s and %d more".formatted(named, things.size() - FEW) : named;
  }

  private static String of(Kind kind) {
    return switch (kind) {
      case Kind.Insert(var key) -> "insert row %d".formatted(key);
      case Kind.Increment() -> "increment the counter";
      case Kind.RegisterWrite(var register, var value) ->
          "register %d := %d".formatted(register, value);
      case Kind.RegisterRead(var register, var confirmed) ->
          "read register %d%s".formatted(register, confirmed ? ", confirmed" : "");
      case Kind.RegisterCas(var register, var expected, var value) ->
          "register %d := %d if it is %d".formatted(register, value, expected);
      case Kind.Transfer(var from, var to, var amount) ->
          "transfer %d from %d to %d".formatted(amount, from, to);
      case Kind.Balances() -> "read all accounts";
      case Kind.ReplicaRead() -> "read the counter";
    };
  }

  private static String of(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Ok(var value) -> of(value);
      case Outcome.Failed(var why) -> "failed, " + why;
      case Outcome.Unknown(var why) -> "unknown, " + why;
    };
  }

  private static String of(Value value) {
    return switch (value) {
      case Value.Stored(var timeline, _) -> "stored (timeline %d)".formatted(timeline);
      case Value.Held(var number, var timeline) ->
          "it is %d (timeline %d)".formatted(number, timeline);
      case Value.Accounts(var balances, var timeline) ->
          "%s (timeline %d)".formatted(balances, timeline);
      case Value.Seen(var count, var life, var timeline, var recovering) ->
          "it is %d (timeline %d, %s since %d)"
              .formatted(count, timeline, recovering ? "replica" : "primary", life);
    };
  }
}
