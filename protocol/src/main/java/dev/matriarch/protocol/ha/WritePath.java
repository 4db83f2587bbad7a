package dev.matriarch.protocol.ha;

import java.time.Duration;

/** What the agent of a primary knows of its commits, tried on a connection of their own. */
public sealed interface WritePath {
  /** Nothing is tried, or what came of it says nothing about commits. */
  record Unknown() implements WritePath {}

  /** One has succeeded, or there was nobody who could have waited for one. */
  record Well() implements WritePath {}

  /**
   * None has succeeded since.
   *
   * @param lasting as long as the agent was there to see it
   * @param because what was seen last; the same text as long as it is the same thing
   */
  record Failing(Fault fault, Duration lasting, String because) implements WritePath {}

  /** What a commit fails of. */
  enum Fault {
    /** Newcomers get no answer: a postmaster or a disk that hangs. */
    SILENT,

    /** A commit does not return: the disk of the WAL hangs. */
    HANGING,

    /** The server was told to shut down, by somebody else, and lets nobody in any more. */
    ENDING,

    /** There is no space (SQLSTATE 53100). */
    FULL,

    /** The disk or the server fails (SQLSTATE classes 58 and XX). */
    BROKEN
  }

  /** What a leader does about a disk that is full. */
  enum OnDiskFull {
    /** Let a member lead whose disk has room. */
    HAND_OVER,

    /** Lead on, until somebody makes room. */
    STAY
  }
}
