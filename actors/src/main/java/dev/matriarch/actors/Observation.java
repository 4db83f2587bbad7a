package dev.matriarch.actors;

import dev.matriarch.actors.postgres.InstanceStatus;
import dev.matriarch.actors.postgres.ProcessId;
import dev.matriarch.protocol.ha.Instance.Shutdown;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.Position;
import java.util.Optional;

/**
 * What was seen of the local PostgreSQL in one look.
 *
 * @param epoch how many operations had begun or ended before the look; an older one is out of date
 * @param postmaster the running server process
 * @param ending the postmaster was told to shut down, and lets nobody in any more
 * @param incarnation the number in the data directory; 0: data without one; absent: no data
 */
record Observation(
    long epoch,
    Seen seen,
    Optional<ProcessId> postmaster,
    boolean ending,
    Optional<Long> incarnation) {

  /** The end of a primary's WAL on disk. */
  Optional<Lsn> flushed() {
    return seen instanceof Seen.Up(var status, _)
            && status.role() instanceof InstanceStatus.Primary primary
        ? Optional.of(primary.flushed())
        : Optional.empty();
  }

  /** See {@link Seen.Up}. */
  boolean isTooSmall() {
    return seen instanceof Seen.Up(_, var tooSmall) && tooSmall;
  }

  /** What there was to see. */
  sealed interface Seen {
    record NoData(boolean remains) implements Seen {}

    record Unusable(String reason) implements Seen {}

    /**
     * Data, and no postmaster.
     *
     * @param newest place that the control file names: the checkpoint record, after an orderly
     *     shutdown of a primary the last one; or the beginning of a timeline that has none yet
     */
    record Down(String systemIdentifier, Position newest, Shutdown shutdown) implements Seen {}

    /** What is left was killed, and is held by the kernel. */
    record Killed() implements Seen {}

    /** A postmaster that accepts no connections yet, or any more. */
    record Starting(Optional<String> systemIdentifier, boolean asPrimary) implements Seen {}

    /**
     * It answers.
     *
     * @param tooSmall a standby whose replay has stopped, because the log was written with larger
     *     limits than it was started with
     */
    record Up(InstanceStatus status, boolean tooSmall) implements Seen {}

    /** A standby that was told to promote itself. */
    record Promoting() implements Seen {}

    /**
     * A postmaster that does not answer.
     *
     * @param asPrimary nothing makes it a standby
     */
    record Silent(Optional<String> systemIdentifier, String why, boolean asPrimary)
        implements Seen {}
  }
}
