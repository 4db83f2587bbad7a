package dev.matriarch.protocol.ha;

/** What a lifecycle actor can be doing; one at a time. */
public enum Operation {
  INITIALISE,
  CLONE,
  START_PRIMARY,
  START_STANDBY,
  STOP,
  PROMOTE,
  FOLLOW,
  CRASH_RECOVERY,
  JUDGE,
  REWIND,

  /** Cut a standby off from all WAL, and learn how much it has. */
  FENCE,

  /** Receive WAL from another fenced standby, up to a position. */
  FETCH,

  /** Write the number of the data's incarnation into the directory. */
  TAKE_INCARNATION
}
