package dev.matriarch.protocol.sim;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The rules that can be switched off one at a time, each with a name and a sentence. */
public final class Rulebook {
  /**
   * A rule.
   *
   * @param off the mutation that is this rule's absence
   * @param sentence what holds as long as it is on
   */
  public record Rule(Mutation off, String name, String sentence) {}

  private static final List<Rule> ALL =
      Arrays.stream(Mutation.values()).flatMap(it -> rule(it).stream()).toList();

  private Rulebook() {}

  public static List<Rule> all() {
    return ALL;
  }

  public static Optional<Rule> named(String name) {
    return ALL.stream().filter(it -> it.name().equals(name)).findFirst();
  }

  private static Optional<Rule> rule(Mutation off) {
    return switch (off) {
      case NONE -> Optional.empty();
      case GUARDIAN_WITHOUT_MARGIN ->
          is(off, "guardian-margin", "the guardian stops PostgreSQL a margin before the deadline");
      case GUARDIAN_TOLD_WHAT_REMAINS ->
          is(off, "absolute-deadline", "the guardian is told a time of the clock, not a duration");
      case PROMOTION_WITHOUT_LEAVE ->
          is(off, "promotion-leave", "nothing is promoted before the guardian has a deadline");
      case RELEASED_BEFORE_STOPPED ->
          is(off, "stop-first", "a lease is released only after PostgreSQL has stopped");
      case LOST_STORE_KEEPS_ITS_ID ->
          is(off, "new-store-id", "a store that was lost comes back under another id");
      case DRIFT_NOT_SUBTRACTED ->
          is(off, "drift", "the holder counts its lease shorter than those who granted it");
      case LEASE_FROM_THE_ANSWER ->
          is(off, "lease-from-sending", "a lease counts from when the beat was sent");
      case LEASE_FROM_A_MINORITY -> is(off, "majority", "a lease needs the answers of a majority");
      case BEAT_NUMBERS_REPEAT -> is(off, "beat-numbers", "the numbers of beats never repeat");
      case LONGER_TTL_BEFORE_CHOSEN ->
          is(off, "ttl-chosen-first", "a longer lease is used once its record is chosen");
      case PROMISES_DESPITE_ITS_GRANT ->
          is(off, "grant-kept", "a voter promises nothing while a lease that it granted runs");
      case NO_GRANT_ON_ACCEPT ->
          is(off, "accept-grants", "storing a leader's record grants it a lease");
      case NO_SILENCE_AFTER_RESTART ->
          is(off, "restart-silence", "a voter that restarts promises nothing for a lease");
      case SILENCE_OF_THE_PRESENT_TTL ->
          is(off, "longest-silence", "that silence is as long as the longest lease ever granted");
      case PROMISE_NOT_SAVED -> is(off, "promise-saved", "a promise is on disk before it is told");
      case ACCEPTS_AN_OLDER_BALLOT ->
          is(off, "promise-kept", "nothing below a promised ballot is stored");
      case OWN_RECORD_ADOPTED ->
          is(off, "newest-record", "a winner adopts the newest record among the promises");
      case TIMELINE_FROM_OWN_DATA ->
          is(off, "timeline-of-record", "the record numbers the timelines, not PostgreSQL");
      case MAXIMUM_LAG_IGNORED ->
          is(
              off,
              "maximum-lag",
              "no winner lacks more than the maximum lag of what its voters told");
      case FENCED_WITHOUT_STOPPING_THE_STREAM ->
          is(off, "fence-stream", "a fenced standby receives no more WAL");
      case PRIMARY_RUNS_ON_WHEN_FENCED -> is(off, "fence-primary", "a fenced primary is stopped");
      case READ_QUORUM_ONE_SMALLER ->
          is(off, "read-quorum", "a winner has the promises of enough of the synchronous set");
      case BETTER_WAL_IGNORED ->
          is(off, "newest-wal", "a winner holds all that the fenced members hold");
      case INCARNATION_IGNORED ->
          is(off, "incarnation", "a directory that was made anew is not the member it was");
      case LOST_STORE_KEEPS_ITS_DATA ->
          is(off, "new-incarnation", "with a lost store the data are another incarnation");
      case RECORD_BEFORE_POSTGRES ->
          is(off, "grow-order", "what asks for more copies is set in PostgreSQL first");
      case POSTGRES_BEFORE_RECORD ->
          is(off, "shrink-order", "what asks for fewer copies is in the record first");
      case PROVEN_BEFORE_IN_FORCE ->
          is(off, "in-force", "a setting counts once all processes of PostgreSQL go by it");
      case NO_CATCH_UP ->
          is(off, "catch-up", "a setting counts once what was written before is copied");
      case PROMOTED_WITHOUT_THE_SETTING ->
          is(off, "setting-first", "the synchronous setting is in force before the promotion");
      case FETCHED_UNDER_A_NEWER_PROMISE ->
          is(off, "fetch-promise", "missing WAL is fetched only under the own promise");
      case FULL_REPLAY_NOT_AWAITED ->
          is(
              off,
              "full-replay",
              "a position is reported only when all WAL on the node's disk has been replayed");
    };
  }

  private static Optional<Rule> is(Mutation off, String name, String sentence) {
    return Optional.of(new Rule(off, name, sentence));
  }
}
