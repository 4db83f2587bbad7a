package dev.matriarch.protocol.ha;

import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.election.Local;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Position;
import java.time.Duration;
import java.util.Optional;

/** The local PostgreSQL as last observed. */
public sealed interface Instance {

  /** The system identifier of the data, where it was read. */
  default Optional<String> dataOf() {
    return switch (this) {
      case Stopped(var identifier, _, _) -> Optional.of(identifier);
      case Starting(var identifier, _) -> identifier;
      case Primary(var identifier, _) -> Optional.of(identifier);
      case Standby(var identifier, _, _, _, _, _) -> Optional.of(identifier);
      case Silent(var identifier, _, _) -> identifier;
      case Unseen _, Absent _, Empty _, Unusable _, Promoting _, Killed _ -> Optional.empty();
    };
  }

  /** Whether no server process runs, as far as can be seen. */
  default boolean isDown() {
    return switch (this) {
      case Absent _, Empty _, Stopped _, Unusable _, Killed _ -> true;
      case Unseen _, Starting _, Promoting _, Primary _, Standby _, Silent _ -> false;
    };
  }

  /** Whether a postmaster is there that serves as primary, or did, or will once it has started. */
  default boolean runsAsPrimary() {
    return switch (this) {
      case Primary _ -> true;
      case Starting(_, var asPrimary) -> asPrimary;
      case Silent(_, var asPrimary, _) -> asPrimary;
      case Unseen _, Absent _, Empty _, Unusable _, Stopped _, Killed _, Promoting _, Standby _ ->
          false;
    };
  }

  /** Whether the data are of another database cluster than the record's. */
  default boolean isForeignTo(ClusterRecord record) {
    var ours = record.systemIdentifier();
    return ours.isPresent() && dataOf().isPresent() && !ours.equals(dataOf());
  }

  /** Not looked at since the last operation; a look is under way. */
  record Unseen() implements Instance {}

  /** This node is a witness: it votes and has no PostgreSQL. */
  record Absent() implements Instance {}

  /**
   * No data: the directory is absent or empty.
   *
   * @param remains what a clone, rewind or initdb left half done, to be moved out of the way
   */
  record Empty(boolean remains) implements Instance {}

  /** The directory cannot be used; {@code reason} says why. */
  record Unusable(String reason) implements Instance {}

  /**
   * Data, and no postmaster.
   *
   * @param timeline of the last checkpoint
   * @param history how it was stopped
   */
  record Stopped(String systemIdentifier, int timeline, Shutdown history) implements Instance {}

  /** How a stopped instance ended (PostgreSQL's {@code pg_control}, "database cluster state"). */
  enum Shutdown {
    PRIMARY_CLEAN,
    PRIMARY_UNCLEAN,
    STANDBY
  }

  /**
   * All processes of the server were killed, and the kernel holds some of them, as it does while a
   * disk hangs. None of them runs an instruction of its program any more, so none writes, answers
   * or acknowledges; but nothing can be started in the directory, nor looked at, until they are
   * gone.
   */
  record Killed() implements Instance {}

  /** A postmaster that accepts no connections yet, or any more. */
  record Starting(Optional<String> systemIdentifier, boolean asPrimary) implements Instance {}

  /** Running, and on its way from standby to primary. */
  record Promoting(int timeline) implements Instance {}

  /** Running as primary. */
  record Primary(String systemIdentifier, Position position) implements Instance {}

  /**
   * Running as standby.
   *
   * @param upstream the member it is configured to stream from
   * @param measured it has streamed since its start, so no WAL on its disk is unread; what is not
   *     read yet is not in the position
   * @param source whom it streams from at present
   * @param notStreamingFor zero while it streams
   */
  record Standby(
      String systemIdentifier,
      Position position,
      boolean measured,
      Optional<NodeId> upstream,
      Optional<Local.Source> source,
      Duration notStreamingFor)
      implements Instance {}

  /**
   * A postmaster is there, and does not answer in time.
   *
   * @param primary whether it was the primary when it last answered
   */
  record Silent(Optional<String> systemIdentifier, boolean primary, Duration since)
      implements Instance {}
}
