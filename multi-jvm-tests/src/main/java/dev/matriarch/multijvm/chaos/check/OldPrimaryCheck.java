package dev.matriarch.multijvm.chaos.check;

import dev.matriarch.multijvm.chaos.history.Kind;
import dev.matriarch.multijvm.chaos.history.Operation;
import dev.matriarch.multijvm.chaos.history.Outcome;
import dev.matriarch.multijvm.chaos.history.Value;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * For how long a primary answered readers after somebody had stored something on a newer timeline.
 *
 * <p>Only time in which it answered again and again counts: a host that was frozen may answer what
 * it was asked meanwhile before anything on it can stop it, and that is over in a moment.
 */
final class OldPrimaryCheck {
  private static final long BREAK_NANOS = Duration.ofSeconds(1).toNanos();

  private OldPrimaryCheck() {}

  /** Answers of one old primary, one soon after the other. */
  private record Streak(Operation first, Operation last) {
    long nanos() {
      return last.invoked() - first.completed();
    }
  }

  static List<Violation> of(Evidence evidence) {
    var limit = evidence.promises().staleReads();
    return streaks(evidence).stream()
        .filter(it -> it.nanos() > limit.toNanos())
        .map(it ->
            new Violation(
                Rule.OLD_PRIMARY_FALLS_SILENT,
                "%s answered for %s as primary of timeline %d, %s are allowed, when a newer one had begun:%s"
                    .formatted(
                        it.first().node(),
                        Telling.millis(it.nanos()),
                        Evidence.timeline(it.first()),
                        Telling.millis(limit.toNanos()),
                        evidence.telling().of(List.of(it.first(), it.last())))))
        .toList();
  }

  /** The longest time. */
  static Duration longest(Evidence evidence) {
    return Duration.ofNanos(
        streaks(evidence).stream().mapToLong(Streak::nanos).filter(it -> it > 0).max().orElse(0));
  }

  private static List<Streak> streaks(Evidence evidence) {
    var begins = new TreeMap<Integer, Long>();
    for (var reign : Reign.of(evidence)) {
      begins.merge(reign.timeline(), reign.first().completed(), Math::min);
    }
    return evidence.operations().stream()
        .filter(OldPrimaryCheck::isOfPrimary)
        .filter(it ->
            begins.tailMap(Evidence.timeline(it), false).values().stream()
                .anyMatch(begin -> begin < it.invoked()))
        .collect(Collectors.groupingBy(it -> it.node() + "/" + Evidence.timeline(it)))
        .values()
        .stream()
        .flatMap(it -> split(it).stream())
        .toList();
  }

  private static boolean isOfPrimary(Operation operation) {
    return operation.outcome() instanceof Outcome.Ok(var value)
        && (value instanceof Value.Seen(_, _, _, var recovering)
            ? !recovering
            : operation.kind() instanceof Kind.RegisterRead(_, var confirmed) && !confirmed);
  }

  private static List<Streak> split(List<Operation> reads) {
    var streaks = new ArrayList<Streak>();
    Optional<Streak> open = Optional.empty();
    for (var read :
        reads.stream().sorted(Comparator.comparingLong(Operation::completed)).toList()) {
      var goesOn = open.filter(it -> read.completed() - it.last().completed() <= BREAK_NANOS);
      if (goesOn.isEmpty()) {
        open.ifPresent(streaks::add);
      }
      open = Optional.of(new Streak(goesOn.map(Streak::first).orElse(read), read));
    }
    open.ifPresent(streaks::add);
    return streaks;
  }
}
