package dev.matriarch.protocol.report;

import dev.matriarch.protocol.election.Course;
import dev.matriarch.protocol.model.NodeId;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * How one node became the leader of a new timeline, as the winner measured it on its own clock.
 *
 * @param from the leader of the timeline before
 * @param released the old leader gave its lease up, after its PostgreSQL had stopped: a hand-over
 * @param cause as in the history
 * @param ballots how many ballots the winner stood with since the suspicion
 * @param phases how long each lasted; those not reached yet are missing
 * @param reachedAt when the last of them ended, on the host's clock since boot
 * @param state how far it is
 */
public record Failover(
    long term,
    int timeline,
    Optional<NodeId> from,
    NodeId to,
    boolean released,
    String cause,
    int ballots,
    SortedMap<Phase, Duration> phases,
    Duration reachedAt,
    State state) {

  /** How far it is. */
  public enum State {
    PROMOTING("not promoted yet"),
    ATTACHING("no replica yet"),
    COMPLETE("complete"),
    /** Nobody came to stream within the time that was waited. */
    WITHOUT_REPLICA("no replica came"),
    /** Leadership, or this life of the agent, ended before a replica came. */
    LOST("not followed to its end");

    private final String text;

    State(String text) {
      this.text = text;
    }

    public String text() {
      return text;
    }

    /** Whether something is still waited for. */
    public boolean isOpen() {
      return this == PROMOTING || this == ATTACHING;
    }
  }

  public Failover {
    phases = Collections.unmodifiableSortedMap(new TreeMap<>(phases));
  }

  /** The next phase has ended now. */
  public Failover reached(Phase phase, State newState, Duration now) {
    var more = new EnumMap<Phase, Duration>(Phase.class);
    more.putAll(phases);
    more.put(phase, now.minus(reachedAt));
    return with(new TreeMap<>(more), now, newState);
  }

  public Failover ended(State newState) {
    return with(phases, reachedAt, newState);
  }

  private Failover with(SortedMap<Phase, Duration> newPhases, Duration at, State newState) {
    return new Failover(
        term, timeline, from, to, released, cause, ballots, newPhases, at, newState);
  }

  public String kind() {
    return Course.kind(released);
  }

  /** For the history. */
  public Course course() {
    var phasesMs = new LinkedHashMap<String, Long>();
    phases.forEach((phase, took) -> phasesMs.put(phase.text(), took.toMillis()));
    return new Course(released, ballots, state.text(), phasesMs);
  }

  /** One line for the log. */
  public String line() {
    var parts = phases.entrySet().stream().map(Failover::part).collect(Collectors.joining(", "));
    return "%s to %s in term %d: %s%s; cause: %s%s%s"
        .formatted(
            kind(),
            to,
            term,
            parts,
            state == State.COMPLETE ? "" : ", " + state.text(),
            cause,
            from.map(it -> "; was " + it).orElse(""),
            ballots > 1 ? "; %d ballots".formatted(ballots) : "");
  }

  private static String part(Map.Entry<Phase, Duration> it) {
    var name = it.getKey() == Phase.ATTACHED ? "first replica" : it.getKey().text();
    return "%s %d ms".formatted(name, it.getValue().toMillis());
  }
}
