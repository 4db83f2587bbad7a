package dev.matriarch.protocol.sim.explore;

/** What has to be reached: an exploration that gets stuck early proves nothing. */
public enum Sight {
  PROMOTED,
  WENT_ON,
  STOOD_AGAIN,
  ACKNOWLEDGED,
  /** By a primary, after another one was elected. */
  ACKNOWLEDGED_BY_THE_OLD,
  FENCED_PRIMARY,
  REWOUND,
  RELEASED,
  FETCHED,
  CHANGE_BEGUN,
  CHANGE_CHOSEN,
  CHANGE_IN_FORCE,
  RESTARTED,
  DATA_WIPED,
  CLONED,
  /** A directory has got the number of another incarnation. */
  NUMBERED,
  STORE_LOST,
  STORE_FOUND,
  /** A list of voters is chosen, beside the one before. */
  VOTERS_CHANGED,
  VOTERS_SETTLED,
  CARETAKER_WON
}
