package dev.matriarch.protocol.election;

import dev.matriarch.protocol.model.NodeId;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;

/** A node as candidate or leader. */
public sealed interface Standing {

  /**
   * Following, or waiting for a better moment.
   *
   * @param tryAfter it does not stand before
   */
  record Idle(Duration tryAfter) implements Standing {}

  /**
   * Asking the others whether they have lost the leader too.
   *
   * @param askAgainAt when to ask those who have not answered
   */
  record Canvassing(
      long round,
      Duration startedAt,
      Map<NodeId, ElectionMessage.Opinion> opinions,
      Duration askAgainAt)
      implements Standing {}

  /** The canvass went well; better candidates go first, until {@code until}. */
  record Waiting(Duration until, String reason) implements Standing {}

  /**
   * Gathering promises.
   *
   * @param held what is left of the own earlier term
   * @param fence whether the voters were told to be fenced first
   * @param askAgainAt when to ask those who have not promised yet
   */
  record Preparing(
      Ballot ballot,
      Purpose purpose,
      Duration startedAt,
      Map<NodeId, ElectionMessage.Promise> promises,
      Map<NodeId, Duration> askAgainAt,
      boolean fence,
      Optional<Held> held)
      implements Standing {}

  /** Having the first record of the own term stored. */
  record Accepting(Proposal proposal, Purpose purpose, Optional<Held> held) implements Standing {}

  /**
   * Leading.
   *
   * @param chosen the newest record that a majority has stored
   * @param lease the lease as of the newest beat that a majority answered
   * @param beats those sent after it, by number
   * @param proposal the next record, on its way
   * @param queue changes that wait for it
   */
  record Leading(
      VersionedRecord chosen,
      Lease lease,
      SortedMap<Long, SentBeat> beats,
      long nextNumber,
      Duration nextBeatAt,
      Optional<Proposal> proposal,
      List<Request> queue)
      implements Standing {}

  /** The right to run PostgreSQL as primary until {@code until}, on the own clock. */
  record Lease(Ballot ballot, Duration until) {
    public boolean isLive(Duration now) {
      return now.compareTo(until) < 0;
    }
  }

  /**
   * The lease of an own earlier term that has not ended.
   *
   * @param chosen the record that it was held with; what was proposed after it may never be chosen
   */
  record Held(Lease lease, VersionedRecord chosen) {}

  /** Why a node stands. */
  sealed interface Purpose {
    /**
     * To lead.
     *
     * @param reason for the history
     * @param acceptsLoss an operator has said that acknowledged commits may be lost
     */
    record Lead(String reason, boolean acceptsLoss) implements Purpose {
      static Lead because(String reason) {
        return new Lead(reason, false);
      }
    }

    /** To apply one change while nobody leads. */
    record Care(Request request) implements Purpose {}
  }

  /** A change somebody asked for; {@code id} names it in the outcome. */
  record Request(long id, RecordChange change) {}

  /**
   * A record that is being stored.
   *
   * @param request empty: the leader's own change
   */
  record Proposal(
      Optional<Request> request,
      VersionedRecord value,
      Set<Voter> storedBy,
      Duration sentAt,
      Duration sendAgainAt) {}

  /** A beat and who has answered it. */
  record SentBeat(Duration sentAt, long ttlMs, Set<Voter> answeredBy) {}
}
