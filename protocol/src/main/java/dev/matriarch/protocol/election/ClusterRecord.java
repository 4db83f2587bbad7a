package dev.matriarch.protocol.election;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Steady;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The cluster's whole consensus state. It is replaced as a whole; kilobytes, changed rarely.
 *
 * @param term of the leadership that wrote it
 * @param leader who may run PostgreSQL as primary, as long as the lease lasts; empty after a
 *     caretaker's change
 * @param elected the last one that was really elected; a caretaker leaves it alone
 * @param timeline PostgreSQL's timeline under {@code elected}; 0 before the first
 * @param voters whose votes count
 * @param outgoing the voters before a change that is under way: every quorum needs both
 * @param sync absent in asynchronous mode
 * @param history the last {@link #HISTORY_MAX} leaderships that began a timeline, oldest first
 * @param ttlMs length of the lease, milliseconds
 * @param systemIdentifier of the database cluster; absent until it has been made
 * @param config the dynamic configuration, in JSON's types
 */
public record ClusterRecord(
    long term,
    Optional<NodeId> leader,
    Optional<NodeId> elected,
    int timeline,
    Electorate voters,
    Optional<Electorate> outgoing,
    Optional<SyncSet> sync,
    List<HistoryEntry> history,
    long ttlMs,
    Optional<String> systemIdentifier,
    Map<String, Object> config) {

  /**
   * The record travels as one message, so it must not grow for ever: this many entries are well
   * below the largest message.
   */
  public static final int HISTORY_MAX = 500;

  public ClusterRecord {
    history =
        List.copyOf(history.subList(Math.max(0, history.size() - HISTORY_MAX), history.size()));
    config = Steady.map(config);
  }

  /** Whether these voters are a quorum for this record. */
  public boolean isQuorum(Collection<Voter> answered) {
    return voters.hasMajority(answered)
        && outgoing.map(old -> old.hasMajority(answered)).orElse(true);
  }

  @JsonIgnore
  public Set<NodeId> voterNodes() {
    if (outgoing.isEmpty()) {
      return voters.stores().keySet();
    }
    var nodes = new TreeMap<>(voters.stores());
    nodes.putAll(outgoing.get().stores());
    return nodes.keySet();
  }

  public ClusterRecord ledBy(long newTerm, NodeId newLeader, int newTimeline) {
    return new ClusterRecord(
        newTerm,
        Optional.of(newLeader),
        Optional.of(newLeader),
        newTimeline,
        voters,
        outgoing,
        sync,
        history,
        ttlMs,
        systemIdentifier,
        config);
  }

  public ClusterRecord inCare(long newTerm) {
    return new ClusterRecord(
        newTerm,
        Optional.empty(),
        elected,
        timeline,
        voters,
        outgoing,
        sync,
        history,
        ttlMs,
        systemIdentifier,
        config);
  }

  public ClusterRecord withVoters(Electorate newVoters, Optional<Electorate> old) {
    return new ClusterRecord(
        term,
        leader,
        elected,
        timeline,
        newVoters,
        old,
        sync,
        history,
        ttlMs,
        systemIdentifier,
        config);
  }

  public ClusterRecord withHistory(List<HistoryEntry> entries) {
    return new ClusterRecord(
        term,
        leader,
        elected,
        timeline,
        voters,
        outgoing,
        sync,
        entries,
        ttlMs,
        systemIdentifier,
        config);
  }

  public ClusterRecord withSystemIdentifier(String identifier) {
    return new ClusterRecord(
        term,
        leader,
        elected,
        timeline,
        voters,
        outgoing,
        sync,
        history,
        ttlMs,
        Optional.of(identifier),
        config);
  }

  public ClusterRecord withConfig(Map<String, Object> newConfig, long newTtlMs) {
    return new ClusterRecord(
        term,
        leader,
        elected,
        timeline,
        voters,
        outgoing,
        sync,
        history,
        newTtlMs,
        systemIdentifier,
        newConfig);
  }

  public ClusterRecord withSync(Optional<SyncSet> set) {
    return new ClusterRecord(
        term,
        leader,
        elected,
        timeline,
        voters,
        outgoing,
        set,
        history,
        ttlMs,
        systemIdentifier,
        config);
  }
}
