package dev.matriarch.protocol.election;

/** What the promises that a candidate has gathered allow it to do. */
sealed interface Fitness {
  /** It may propose its first record. */
  record Wins(ClusterRecord record) implements Fitness {}

  /** More promises are needed. */
  record Waits() implements Fitness {}

  /**
   * A voter that promised holds WAL that is missing here, and may have been acknowledged. If it
   * could lead it is let go first once; in asynchronous mode only such a one is in the way.
   */
  record Behind(ElectionMessage.Promise better) implements Fitness {}

  /** It must not lead with these data. */
  record Unfit(String reason) implements Fitness {}
}
