package dev.matriarch.protocol.ha;

/** How a node gets back behind the leader, as its WAL was judged against the leader's. */
public enum Rejoin {
  /** Its WAL is a part of the leader's. */
  FOLLOW,
  /** It has WAL that the leader has not; it can be rewound. */
  REWIND,
  /** As above, and it cannot be rewound. */
  CLONE
}
