package dev.matriarch.protocol.election;

/** What the promises that a candidate has gathered allow it to do. */
sealed interface Fitness {
  /** It may propose its first record. */
  record Wins(ClusterRecord record) implements Fitness {}

  /** More promises are needed. */
  record Waits() implements Fitness {}

  /**
   * A voter that promised holds WAL that is missing here, and may have been acknowledged. In
   * asynchronous mode it could lead, and is let go first once.
   */
  record Behind(ElectionMessage.Promise better) implements Fitness {}

  /** It must not lead with these data. */
  record Unfit(String reason) implements Fitness {}
}
