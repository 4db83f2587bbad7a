package dev.matriarch.protocol.election;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Position;
import java.util.Optional;

/**
 * What a voter must not forget: on disk before any answer that depends on it.
 *
 * @param promised nothing below it is accepted any more
 * @param accepted the newest record stored here
 * @param longestTtlMs the longest lease ever granted from here, milliseconds; a voter that restarts
 *     keeps silent for so long
 * @param incarnation of the data directory beside this store
 * @param reported the newest position ever told to a candidate: data that end below it are another
 *     incarnation
 * @param fenced whether the standby has stopped to receive WAL for {@code promised}
 * @param predecessor the number under which an earlier store knew the data directory, as long as
 *     this one has no record: the earlier one may have had one; absent: there was none
 */
public record VoterState(
    NodeId node,
    StoreId store,
    Ballot promised,
    Optional<VersionedRecord> accepted,
    long longestTtlMs,
    Incarnation incarnation,
    Optional<Position> reported,
    boolean fenced,
    @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<Long> predecessor) {

  /** A voter that has never promised anything. */
  public static VoterState fresh(NodeId node, StoreId store, long incarnation) {
    return new VoterState(
        node,
        store,
        Ballot.NONE,
        Optional.empty(),
        0,
        new Incarnation(node, incarnation),
        Optional.empty(),
        false,
        Optional.empty());
  }

  @JsonIgnore
  public Version version() {
    return accepted.map(VersionedRecord::version).orElse(Version.NONE);
  }

  @JsonIgnore
  public Optional<ClusterRecord> record() {
    return accepted.map(VersionedRecord::record);
  }

  /** The leader of the stored record, if it has one. */
  @JsonIgnore
  public Optional<NodeId> leader() {
    return record().flatMap(ClusterRecord::leader);
  }

  @JsonIgnore
  public Voter voter() {
    return new Voter(node, store);
  }

  public VoterState promising(Ballot ballot) {
    return new VoterState(
        node, store, ballot, accepted, longestTtlMs, incarnation, reported, fenced, predecessor);
  }

  public VoterState accepting(VersionedRecord value) {
    var ballot = value.version().ballot();
    return new VoterState(
        node,
        store,
        ballot.isAbove(promised) ? ballot : promised,
        Optional.of(value),
        Math.max(longestTtlMs, value.record().ttlMs()),
        incarnation,
        reported,
        fenced,
        Optional.empty());
  }

  public VoterState reporting(Optional<Position> position) {
    var newest =
        position
            .filter(it -> reported.map(old -> it.compareTo(old) > 0).orElse(true))
            .or(() -> reported);
    return new VoterState(
        node, store, promised, accepted, longestTtlMs, incarnation, newest, fenced, predecessor);
  }

  /** Fenced for the promise, or free to follow again. */
  public VoterState fenced(boolean isFenced) {
    return new VoterState(
        node,
        store,
        promised,
        accepted,
        longestTtlMs,
        incarnation,
        reported,
        isFenced,
        predecessor);
  }

  /** Other data than before: nothing was reported of them. */
  public VoterState holding(Incarnation other) {
    return new VoterState(
        node,
        store,
        promised,
        accepted,
        longestTtlMs,
        other,
        Optional.empty(),
        fenced,
        predecessor);
  }

  /** There may have been a record in an earlier store; there is none in this one. */
  VoterState succeeding(long number) {
    return new VoterState(
        node,
        store,
        promised,
        accepted,
        longestTtlMs,
        incarnation,
        reported,
        fenced,
        Optional.of(number).filter(_ -> accepted.isEmpty()));
  }
}
