package dev.matriarch.multijvm.chaos;

import dev.matriarch.multijvm.ClusterSettings;
import dev.matriarch.multijvm.chaos.check.Mode;
import dev.matriarch.multijvm.chaos.fault.FaultKind;
import dev.matriarch.multijvm.chaos.fault.Schedule;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What a run is told; the same settings give the same schedule.
 *
 * @param members of the cluster
 * @param time no round begins after it
 * @param rounds at most so many, from number {@code first} on
 * @param overlap how many strikes a round may have
 * @param set keys of the dynamic configuration, {@code postgresql.parameters.NAME} for PostgreSQL's
 */
public record Settings(
    long seed,
    Mode mode,
    Members members,
    Duration time,
    int first,
    int rounds,
    int overlap,
    List<FaultKind> kinds,
    SortedMap<String, String> set) {
  public Settings {
    kinds = kinds.stream().distinct().sorted().toList();
    set = Collections.unmodifiableSortedMap(new TreeMap<>((Map<String, String>) set));
  }

  /** All kinds, three at a time, as many as there is time for. */
  public static Settings of(long seed, Mode mode, Members members, Duration time) {
    return new Settings(
        seed,
        mode,
        members,
        time,
        1,
        Integer.MAX_VALUE,
        3,
        List.of(FaultKind.values()),
        new TreeMap<>());
  }

  /** The same without the rounds before {@code first}. */
  Settings from(int first) {
    return new Settings(seed, mode, members, time, first, rounds, overlap, kinds, set);
  }

  Schedule schedule() {
    return new Schedule(seed, kinds, overlap);
  }

  /** Of the cluster: small servers, as many copies as the members can lose, and what is set. */
  ClusterSettings cluster() {
    var settings = Modes.cluster(mode, members);
    for (var entry : set.entrySet()) {
      settings = settings.with(entry.getKey(), entry.getValue());
    }
    return settings;
  }

  /** A name for folders and pictures. */
  String name() {
    var witnesses = members.witnesses() == 0 ? "" : "-%d-witnesses".formatted(members.witnesses());
    return "%s-%d-nodes%s-seed-%d".formatted(Modes.option(mode), members.all(), witnesses, seed);
  }

  /** The command that draws the same rounds up to {@code last}. */
  String replay(int last) {
    var words =
        new StringBuilder(
            "multi-jvm-tests/chaos --minutes %d --seed %d --nodes %d --mode %s --overlap %d"
                .formatted(
                    Math.max(1, time.toMinutes()),
                    seed,
                    members.all(),
                    Modes.option(mode),
                    overlap));
    if (members.witnesses() > 0) {
      words.append(" --witnesses %d".formatted(members.witnesses()));
    }
    words.append(" --first %d --rounds %d".formatted(first, last - first + 1));
    if (kinds.size() < FaultKind.values().length) {
      words
          .append(" --faults ")
          .append(kinds.stream().map(FaultKind::option).collect(Collectors.joining(",")));
    }
    set.forEach((key, value) -> words.append(" --set %s=%s".formatted(key, value)));
    return words.toString();
  }

  /** The first rounds, a line each. */
  String drawn(int count) {
    var schedule = schedule();
    return IntStream.range(first, first + count)
        .mapToObj(it -> schedule.round(it).toString())
        .collect(Collectors.joining(System.lineSeparator()));
  }
}
