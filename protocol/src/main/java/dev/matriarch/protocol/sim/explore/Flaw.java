package dev.matriarch.protocol.sim.explore;

/** One rule broken, around the machine: the explorer must notice. */
public enum Flaw {
  NONE,

  /** A fence is reported, and the standby goes on to receive. */
  STREAM_NOT_STOPPED,
  /** A fence is reported, and the primary goes on to write. */
  PRIMARY_NOT_STOPPED,
  /** A promise is given, and not on disk. */
  PROMISE_NOT_SAVED,
  /** A voter stores what is older than its promise. */
  ACCEPTS_AN_OLDER_BALLOT,
  /** A winner goes by its own record, whatever the promises say. */
  OWN_RECORD_ADOPTED,
  /** Who has promised without a position counts as one that holds nothing. */
  MISSING_POSITION_COUNTS,
  /** PostgreSQL gets the larger set before the record says so. */
  SETTING_BEFORE_RECORD,
  /** The record gets the smaller set before PostgreSQL goes by it. */
  RECORD_BEFORE_SETTING,
  /** The record follows a new setting although earlier commits are not where it says. */
  CATCH_UP_SKIPPED,
  /** A winner is promoted before the record's synchronous setting is in force. */
  PROMOTED_BEFORE_ITS_SETTING,
  /** Standbys and voters count by their names, whatever has become of their data. */
  INCARNATION_IGNORED,
  /** A store that was made anew takes the number that it finds in the data directory. */
  LOST_STORE_KEEPS_ITS_DATA,
  /** A standby follows before its directory has the number that the voter's store has. */
  FOLLOWED_BEFORE_NUMBERED,
  /** A changed list of voters counts alone, before it is chosen. */
  JOINT_QUORUM_IGNORED,
  /** WAL that was missing is fetched whatever has been promised and followed since. */
  FETCHED_UNDER_A_NEWER_PROMISE
}
