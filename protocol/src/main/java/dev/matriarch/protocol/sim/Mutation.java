package dev.matriarch.protocol.sim;

import java.util.Optional;

/** One rule switched off: the simulator must notice. */
public enum Mutation {
  NONE,

  // Around the machine.
  GUARDIAN_WITHOUT_MARGIN(
      Needs.ASYNCHRONOUS,
      Shows.VIOLATION,
      "guardian-margin",
      "the guardian stops PostgreSQL a margin before the deadline"),
  GUARDIAN_TOLD_WHAT_REMAINS(
      Needs.ASYNCHRONOUS,
      Shows.VIOLATION,
      "absolute-deadline",
      "the guardian is told a time of the clock, not a duration"),
  PROMOTION_WITHOUT_LEAVE(
      Needs.ASYNCHRONOUS,
      Shows.VIOLATION,
      "promotion-leave",
      "nothing is promoted before the guardian has a deadline"),
  RELEASED_BEFORE_STOPPED(
      Needs.ASYNCHRONOUS,
      Shows.VIOLATION,
      "stop-first",
      "a lease is released only after PostgreSQL has stopped"),
  LOST_STORE_KEEPS_ITS_ID(
      Needs.ASYNCHRONOUS,
      Shows.VIOLATION,
      "new-store-id",
      "a store that was lost comes back under another id"),

  // The lease.
  DRIFT_NOT_SUBTRACTED(
      Needs.ASYNCHRONOUS,
      Shows.VIOLATION,
      "drift",
      "the holder counts its lease shorter than those who granted it"),
  LEASE_FROM_THE_ANSWER(
      Needs.ASYNCHRONOUS,
      Shows.VIOLATION,
      "lease-from-sending",
      "a lease counts from when the beat was sent"),
  LEASE_FROM_A_MINORITY(
      Needs.ASYNCHRONOUS, Shows.VIOLATION, "majority", "a lease needs the answers of a majority"),
  BEAT_NUMBERS_REPEAT(
      Needs.ASYNCHRONOUS, Shows.VIOLATION, "beat-numbers", "the numbers of beats never repeat"),
  LONGER_TTL_BEFORE_CHOSEN(
      Needs.ASYNCHRONOUS,
      Shows.VIOLATION,
      "ttl-chosen-first",
      "a longer lease is used once its record is chosen"),
  PROMISES_DESPITE_ITS_GRANT(
      Needs.ASYNCHRONOUS,
      Shows.VIOLATION,
      "grant-kept",
      "a voter promises nothing while a lease that it granted runs"),
  NO_GRANT_ON_ACCEPT(
      Needs.ASYNCHRONOUS,
      Shows.VIOLATION,
      "accept-grants",
      "storing a leader's record grants it a lease"),
  NO_SILENCE_AFTER_RESTART(
      Needs.ASYNCHRONOUS,
      Shows.VIOLATION,
      "restart-silence",
      "a voter that restarts promises nothing for a lease"),
  SILENCE_OF_THE_PRESENT_TTL(
      Needs.ASYNCHRONOUS,
      Shows.VIOLATION,
      "longest-silence",
      "that silence is as long as the longest lease ever granted"),
  DOES_NOT_STAND_AGAIN(
      Needs.ASYNCHRONOUS,
      Shows.NOT_WELL,
      "stand-again",
      "a leader that a voter refuses stands again, to win that voter back"),

  // The record and its voters.
  FOUNDED_BESIDE_DATA(
      Needs.ASYNCHRONOUS,
      Shows.VIOLATION,
      "found-on-data",
      "nobody without data founds a cluster beside a member that has some"),
  PROMISE_NOT_SAVED(
      Needs.ASYNCHRONOUS,
      Shows.VIOLATION,
      "promise-saved",
      "a promise is on disk before it is told"),
  TERM_PROMISED_TWICE(
      Needs.ASYNCHRONOUS,
      Shows.RARELY,
      "one-per-term",
      "a voter promises a term to one candidate only"),
  ACCEPTS_AN_OLDER_BALLOT(
      Needs.ASYNCHRONOUS,
      Shows.VIOLATION,
      "promise-kept",
      "nothing below a promised ballot is stored"),
  OWN_RECORD_ADOPTED(
      Needs.ASYNCHRONOUS,
      Shows.VIOLATION,
      "newest-record",
      "a winner adopts the newest record among the promises"),
  OUTGOING_VOTERS_NOT_ASKED(
      Needs.ASYNCHRONOUS, Shows.VIOLATION, "joint", "while voters change, the old ones count too"),
  TIMELINE_FROM_OWN_DATA(
      Needs.ASYNCHRONOUS,
      Shows.VIOLATION,
      "timeline-of-record",
      "the record numbers the timelines, not PostgreSQL"),
  MAXIMUM_LAG_IGNORED(
      Needs.ASYNCHRONOUS,
      Shows.VIOLATION,
      "maximum-lag",
      "no winner lacks more than the maximum lag of what its voters told"),
  OLDER_TIMELINES_IGNORED(
      Needs.ASYNCHRONOUS,
      Shows.RARELY,
      "older-timeline",
      "WAL on an older timeline counts where a newer one went on from it"),
  GOES_ON_DESPITE_ANOTHER_ELECTION(
      Needs.ASYNCHRONOUS,
      Shows.VIOLATION,
      "go-on",
      "an incumbent keeps its timeline only if nobody else was elected since"),

  // The fence and the winner in synchronous mode.
  FENCED_WITHOUT_STOPPING_THE_STREAM(
      Needs.SYNCHRONOUS, Shows.VIOLATION, "fence-stream", "a fenced standby receives no more WAL"),
  GRANTS_DESPITE_A_NEWER_PROMISE(
      Needs.SYNCHRONOUS,
      Shows.VIOLATION,
      "promise-refuses",
      "a voter grants nothing to a ballot below its promise"),
  PRIMARY_RUNS_ON_WHEN_FENCED(
      Needs.SYNCHRONOUS, Shows.VIOLATION, "fence-primary", "a fenced primary is stopped"),
  FENCE_OF_ANOTHER_BALLOT(
      Needs.SYNCHRONOUS,
      Shows.RARELY,
      "fence-ballot",
      "a fence counts for the ballot that it was made for"),
  FENCE_THAT_WAS_TAKEN_BACK(
      Needs.SYNCHRONOUS,
      Shows.RARELY,
      "fence-over",
      "what is told late of a fence that was taken back counts for nothing"),
  PROMISE_WITHOUT_A_FENCE(
      Needs.SYNCHRONOUS,
      Shows.RARELY,
      "fenced-promise",
      "a promise that was given without a fence is none in synchronous mode"),
  READ_QUORUM_ONE_SMALLER(
      Needs.SYNCHRONOUS,
      Shows.VIOLATION,
      "read-quorum",
      "a winner has the promises of enough of the synchronous set"),
  BETTER_WAL_IGNORED(
      Needs.SYNCHRONOUS,
      Shows.VIOLATION,
      "newest-wal",
      "a winner holds all that the fenced members hold"),
  BETTER_WAL_NOT_FETCHED(
      Needs.SYNCHRONOUS,
      Shows.NOT_WELL,
      "fetch",
      "a candidate fetches the WAL that only a node which may not lead holds"),
  FETCHED_UNDER_A_NEWER_PROMISE(
      Needs.SYNCHRONOUS,
      Shows.VIOLATION,
      "fetch-promise",
      "missing WAL is fetched only under the own promise"),
  PROMOTED_UNDER_A_NEWER_PROMISE(
      Needs.SYNCHRONOUS,
      Shows.RARELY,
      "promotion-promise",
      "nobody is promoted once it has promised a newer ballot"),
  WINNER_DOES_NOT_JOIN(
      Needs.SYNCHRONOUS,
      Shows.VIOLATION,
      "winner-joins",
      "a winner that is no member joins the set with its first record"),
  STANDS_AGAIN_ON_AN_UNCHOSEN_RECORD(
      Needs.SYNCHRONOUS,
      Shows.RARELY,
      "chosen-only",
      "a leader that stands again goes by the chosen record, not by what it proposed last"),
  PROMOTED_WITHOUT_THE_SETTING(
      Needs.SYNCHRONOUS,
      Shows.VIOLATION,
      "setting-first",
      "the synchronous setting is in force before the promotion"),

  FULL_REPLAY_NOT_AWAITED(
      Needs.SYNCHRONOUS,
      Shows.VIOLATION,
      "full-replay",
      "a position is reported only when all WAL on the node's disk has been replayed"),

  // Which data are a member.
  INCARNATION_IGNORED(
      Needs.SYNCHRONOUS,
      Shows.RARELY,
      "incarnation",
      "a directory that was made anew is not the member it was"),
  LOST_STORE_KEEPS_ITS_DATA(
      Needs.SYNCHRONOUS,
      Shows.VIOLATION,
      "new-incarnation",
      "with a lost store the data are another incarnation"),
  SHORTER_WAL_KEEPS_ITS_NAME(
      Needs.SYNCHRONOUS,
      Shows.RARELY,
      "reported",
      "data that end before a position once told are another incarnation"),
  HAND_PROMOTED_DATA_COUNT(
      Needs.SYNCHRONOUS,
      Shows.VIOLATION,
      "given-timeline",
      "data that were primary on a timeline of somebody else's count for nothing"),

  // Changes of the synchronous set.
  RECORD_BEFORE_POSTGRES(
      Needs.SYNCHRONOUS,
      Shows.VIOLATION,
      "grow-order",
      "what asks for more copies is set in PostgreSQL first"),
  POSTGRES_BEFORE_RECORD(
      Needs.SYNCHRONOUS,
      Shows.VIOLATION,
      "shrink-order",
      "what asks for fewer copies is in the record first"),
  VALUES_MIXED(
      Needs.SYNCHRONOUS,
      Shows.RARELY,
      "mixed-values",
      "between two values that are weaker when mixed goes one that is not"),
  PROVEN_BEFORE_IN_FORCE(
      Needs.SYNCHRONOUS,
      Shows.VIOLATION,
      "in-force",
      "a setting counts once all processes of PostgreSQL go by it"),
  NO_CATCH_UP(
      Needs.SYNCHRONOUS,
      Shows.VIOLATION,
      "catch-up",
      "a setting counts once what was written before is copied");

  private enum Needs {
    EITHER,
    ASYNCHRONOUS,
    SYNCHRONOUS
  }

  /**
   * What comes of it: something that never may happen, perhaps only with more bad luck than walks
   * have, or a cluster that does not recover.
   */
  private enum Shows {
    VIOLATION,
    RARELY,
    NOT_WELL
  }

  private final Needs needs;
  private final Shows shows;
  private final String rule;
  private final String sentence;

  Mutation() {
    this(Needs.EITHER, Shows.VIOLATION, "", "");
  }

  Mutation(Needs needs, Shows shows, String rule, String sentence) {
    this.needs = needs;
    this.shows = shows;
    this.rule = rule;
    this.sentence = sentence;
  }

  /** The rule, and what holds as long as it is on; empty: there is no mutation. */
  Optional<Rulebook.Rule> rule() {
    return this == NONE
        ? Optional.empty()
        : Optional.of(new Rulebook.Rule(this, rule, sentence, shows == Shows.RARELY));
  }

  /** Which mode shows that the rule is off; empty: there is no mutation. */
  Optional<Boolean> needsSynchronousMode() {
    return needs == Needs.EITHER ? Optional.empty() : Optional.of(needs == Needs.SYNCHRONOUS);
  }

  /** Whether a walk that ended so has noticed that the rule is off; with all rules on, any has. */
  public boolean isNoticedBy(WalkReport.Kind kind) {
    return switch (kind) {
      case VIOLATION -> true;
      case NOT_WELL -> this == NONE || shows == Shows.NOT_WELL;
      case ERROR -> this == NONE;
    };
  }
}
