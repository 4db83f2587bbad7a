package dev.matriarch.protocol.ha;

import dev.matriarch.protocol.model.NodeId;
import java.time.Duration;

/**
 * What became of a {@link SwitchoverRequest}.
 *
 * @param text for the operator
 */
public record SwitchoverAnswer(Result result, String text) {

  public enum Result {
    /** Another member leads, and its PostgreSQL is the primary. */
    DONE,

    /** Nothing was done: a condition is not met. */
    NOT_POSSIBLE,

    /** Nothing was done: another request is being carried out. */
    BUSY,

    /** It was tried; the leader is the old one, or there is none. */
    FAILED,

    /** It may still happen. */
    UNKNOWN
  }

  static SwitchoverAnswer notPossible(String text) {
    return new SwitchoverAnswer(Result.NOT_POSSIBLE, text);
  }

  public static SwitchoverAnswer noLeader() {
    return notPossible("leader name does not match");
  }

  public static SwitchoverAnswer busy() {
    return new SwitchoverAnswer(
        Result.BUSY, "another switchover is under way; wait until it has ended");
  }

  /**
   * Somebody else leads now.
   *
   * @param meant who was to lead
   */
  public static SwitchoverAnswer done(SwitchoverRequest.Kind kind, NodeId meant, NodeId leader) {
    var text =
        leader.equals(meant)
            ? "Successfully %s to \"%s\"".formatted(kind.participle(), leader)
            : "%s to \"%s\" instead of \"%s\""
                .formatted(SwitchoverRequest.Kind.capital(kind.participle()), leader, meant);
    return new SwitchoverAnswer(Result.DONE, text);
  }

  public static SwitchoverAnswer failed(SwitchoverRequest.Kind kind, String why) {
    return new SwitchoverAnswer(Result.FAILED, "%s failed: %s".formatted(kind.title(), why));
  }

  public static SwitchoverAnswer unknown(SwitchoverRequest.Kind kind, Duration waited) {
    return new SwitchoverAnswer(
        Result.UNKNOWN,
        "%s status unknown after %d seconds; operation may still be in progress"
            .formatted(kind.title(), waited.toSeconds()));
  }
}
