package dev.matriarch.protocol.sim;

import java.util.Optional;

/** One rule switched off: the simulator must notice. */
public enum Mutation {
  NONE,

  // Around the machine.
  GUARDIAN_WITHOUT_MARGIN,
  GUARDIAN_TOLD_WHAT_REMAINS,
  PROMOTION_WITHOUT_LEAVE,
  RELEASED_BEFORE_STOPPED,
  LOST_STORE_KEEPS_ITS_ID,

  // The lease.
  DRIFT_NOT_SUBTRACTED,
  LEASE_FROM_THE_ANSWER,
  LEASE_FROM_A_MINORITY,
  BEAT_NUMBERS_REPEAT,
  LONGER_TTL_BEFORE_CHOSEN,
  PROMISES_DESPITE_ITS_GRANT,
  NO_GRANT_ON_ACCEPT,
  NO_SILENCE_AFTER_RESTART,
  SILENCE_OF_THE_PRESENT_TTL,

  // The record.
  PROMISE_NOT_SAVED,
  ACCEPTS_AN_OLDER_BALLOT,
  OWN_RECORD_ADOPTED,
  TIMELINE_FROM_OWN_DATA,

  // The fence and the synchronous set.
  FENCED_WITHOUT_STOPPING_THE_STREAM,
  PRIMARY_RUNS_ON_WHEN_FENCED,
  READ_QUORUM_ONE_SMALLER,
  BETTER_WAL_IGNORED,
  INCARNATION_IGNORED,
  LOST_STORE_KEEPS_ITS_DATA,
  RECORD_BEFORE_POSTGRES,
  POSTGRES_BEFORE_RECORD,
  PROVEN_BEFORE_IN_FORCE,
  NO_CATCH_UP,
  PROMOTED_WITHOUT_THE_SETTING,
  FETCHED_UNDER_A_NEWER_PROMISE;

  /** Which mode shows that the rule is off; empty: there is no mutation. */
  Optional<Boolean> needsSynchronousMode() {
    return this == NONE
        ? Optional.empty()
        : Optional.of(compareTo(FENCED_WITHOUT_STOPPING_THE_STREAM) >= 0);
  }
}
