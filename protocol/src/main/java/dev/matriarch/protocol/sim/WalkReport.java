package dev.matriarch.protocol.sim;

import java.util.Optional;

/**
 * What one walk came to.
 *
 * @param virtualMs how long it was for the cluster, milliseconds
 * @param marks the dangerous situations that were reached
 * @param failure empty if all was as it must be
 */
public record WalkReport(
    long seed, int nodes, long virtualMs, Marks marks, Optional<Failure> failure) {

  /** What kind of thing went wrong. */
  public enum Kind {
    /** Something happened that never may. */
    VIOLATION,
    /** The faults had ended, and the cluster did not become well. */
    NOT_WELL,
    /** The machine itself or the simulator failed. */
    ERROR
  }

  /**
   * The end of a walk.
   *
   * @param lastEvents the newest steps of all nodes, a line each
   */
  public record Failure(Kind kind, String what, String lastEvents) {}
}
