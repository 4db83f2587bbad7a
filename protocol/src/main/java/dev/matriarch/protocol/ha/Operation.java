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
  REWIND
}
