package dev.matriarch.protocol.election;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Position;
import java.util.Optional;

/**
 * What nodes say to each other about leadership. The network may lose, delay, reorder and double
 * any of it. For rolling upgrades a field is only added, and has a meaning when absent.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "t")
@JsonSubTypes({
  @JsonSubTypes.Type(value = ElectionMessage.Beat.class, name = "beat"),
  @JsonSubTypes.Type(value = ElectionMessage.Granted.class, name = "granted"),
  @JsonSubTypes.Type(value = ElectionMessage.Canvass.class, name = "canvass"),
  @JsonSubTypes.Type(value = ElectionMessage.Opinion.class, name = "opinion"),
  @JsonSubTypes.Type(value = ElectionMessage.Prepare.class, name = "prepare"),
  @JsonSubTypes.Type(value = ElectionMessage.Promise.class, name = "promise"),
  @JsonSubTypes.Type(value = ElectionMessage.Refused.class, name = "refused"),
  @JsonSubTypes.Type(value = ElectionMessage.Accept.class, name = "accept"),
  @JsonSubTypes.Type(value = ElectionMessage.Accepted.class, name = "accepted"),
  @JsonSubTypes.Type(value = ElectionMessage.Release.class, name = "release"),
  @JsonSubTypes.Type(value = ElectionMessage.Yield.class, name = "yield")
})
public sealed interface ElectionMessage {

  /** The node that says it. */
  NodeId from();

  /**
   * The leader is there, and asks for its lease to be renewed.
   *
   * @param version of the record that the leader has stored last
   * @param number never the same twice from one leadership
   * @param ttlMs how long the lease shall last, milliseconds
   * @param position of the leader's WAL, if its PostgreSQL runs
   * @param primary whether it runs as primary
   */
  record Beat(
      NodeId from,
      Version version,
      long number,
      long ttlMs,
      Optional<Position> position,
      boolean primary)
      implements ElectionMessage {}

  /**
   * The voter has granted the lease from the receipt of the beat {@code number}, and has {@code
   * version} of the record.
   */
  record Granted(NodeId from, StoreId store, Ballot ballot, long number, Version version)
      implements ElectionMessage {
    /** The number of no beat: nothing is granted, since the record is missing here. */
    static final long NOTHING = 0;
  }

  /** Have you lost the leader too? Changes nothing. */
  record Canvass(NodeId from, long round, long knownTerm) implements ElectionMessage {}

  /**
   * The answer to a canvass.
   *
   * @param lost whether this node has no leader either
   * @param highestTerm the highest term seen in any message
   * @param standing what this node has to offer as a candidate
   */
  record Opinion(NodeId from, long round, boolean lost, long highestTerm, Candidacy standing)
      implements ElectionMessage {}

  /**
   * Promise me this ballot. Sent by its candidate.
   *
   * @param primaryOn the timeline on which the candidate's PostgreSQL runs as primary
   * @param fence whether the cluster is in synchronous mode as far as the candidate knows: also
   *     voters that do not know it are fenced first
   */
  record Prepare(Ballot ballot, Optional<Integer> primaryOn, boolean fence)
      implements ElectionMessage {
    @Override
    public NodeId from() {
      return ballot.candidate();
    }
  }

  /**
   * The ballot is promised; the promise is on disk.
   *
   * @param position absent: not known yet, or no data
   * @param able whether the voter could lead itself
   * @param fenced whether under this promise no WAL reaches the voter but the candidate's
   * @param forgetful whether this store has no record, and an earlier one beside the same data may
   *     have had one; absent: it has not
   */
  record Promise(
      NodeId from,
      StoreId store,
      Ballot ballot,
      Incarnation incarnation,
      Optional<VersionedRecord> accepted,
      Optional<Position> position,
      boolean able,
      boolean fenced,
      boolean forgetful)
      implements ElectionMessage {
    /** Of a voter that has forgotten nothing. */
    public Promise(
        NodeId from,
        StoreId store,
        Ballot ballot,
        Incarnation incarnation,
        Optional<VersionedRecord> accepted,
        Optional<Position> position,
        boolean able,
        boolean fenced) {
      this(from, store, ballot, incarnation, accepted, position, able, fenced, false);
    }
  }

  /**
   * A ballot, or a leadership that has been overtaken, is refused.
   *
   * @param refused the ballot that is refused
   * @param highestTerm a candidate needs a higher one
   * @param retryAfterMs a lease or a silence that is in the way ends then, milliseconds; 0: a
   *     higher ballot is in the way
   */
  record Refused(NodeId from, Ballot refused, long highestTerm, long retryAfterMs)
      implements ElectionMessage {}

  /** Store this record. Sent by the candidate of its ballot. */
  record Accept(VersionedRecord value) implements ElectionMessage {
    @Override
    public NodeId from() {
      return value.version().ballot().candidate();
    }
  }

  /** The version is stored, on disk; the lease is granted from its receipt. */
  record Accepted(NodeId from, StoreId store, Version version) implements ElectionMessage {}

  /**
   * The leader's PostgreSQL has stopped, and it gives its lease up.
   *
   * @param upTo the end of its WAL, after an orderly shutdown; absent: not known
   * @param because what made it go, for the history; absent: nothing wrong
   */
  record Release(
      Ballot ballot, Optional<NodeId> successor, Optional<Position> upTo, Optional<String> because)
      implements ElectionMessage {
    @Override
    public NodeId from() {
      return ballot.candidate();
    }
  }

  /**
   * Stand: with your promise of {@code ballot} you have told of more WAL than its candidate has.
   * Sent by that candidate. Without it the receiver stands some moments later.
   */
  record Yield(Ballot ballot) implements ElectionMessage {
    @Override
    public NodeId from() {
      return ballot.candidate();
    }
  }
}
