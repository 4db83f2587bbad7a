package dev.matriarch.actors.postgres;

import dev.matriarch.protocol.ha.ReplicationSlot;
import dev.matriarch.protocol.model.Endpoint;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.Position;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a PostgreSQL that accepts connections says of itself at one moment.
 *
 * @param systemIdentifier of the database cluster, the same on all its copies
 * @param serverVersion {@code server_version_num}, 150018 for 15.18
 * @param pendingRestart a changed setting needs a restart
 * @param walSenders who streams from this node
 */
public record InstanceStatus(
    String systemIdentifier,
    int serverVersion,
    Instant startedAt,
    Role role,
    boolean pendingRestart,
    List<WalSender> walSenders,
    List<ReplicationSlot> slots) {

  InstanceStatus as(Role other) {
    return new InstanceStatus(
        systemIdentifier, serverVersion, startedAt, other, pendingRestart, walSenders, slots);
  }

  public sealed interface Role {}

  /**
   * Writable.
   *
   * @param timeline that it writes
   * @param flushed on disk up to here
   */
  public record Primary(int timeline, Lsn written, Lsn flushed) implements Role {}

  /**
   * In recovery.
   *
   * @param timeline the newest that is known to be received or replayed. It may lag: exact is only
   *     {@link ReplicationProtocol#identifySystem}
   * @param received by streaming since the start, on disk; empty: nothing was streamed
   * @param replayed empty: nothing yet
   * @param replayedAt commit time of the last replayed transaction
   */
  public record Standby(
      int timeline,
      Optional<Lsn> received,
      Optional<Lsn> replayed,
      Optional<Instant> replayedAt,
      boolean replayPaused,
      UpstreamSetting upstream,
      Optional<WalReceiver> walReceiver)
      implements Role {

    /** The same, on a timeline that is newer. */
    Standby on(int newer) {
      return new Standby(
          newer, received, replayed, replayedAt, replayPaused, upstream, walReceiver);
    }

    public boolean isStreaming() {
      return walReceiver.filter(it -> it.status().equals("streaming")).isPresent();
    }

    /** The end of the WAL that it has, as far as is known. */
    public Position position() {
      var end = received.orElse(Lsn.ZERO);
      var replayedTo = replayed.orElse(Lsn.ZERO);
      return new Position(timeline, end.compareTo(replayedTo) > 0 ? end : replayedTo);
    }

    /** How the stream stands, seen from a standby that should follow {@code leader}. */
    public Following following(Endpoint leader, int leadersTimeline) {
      if (walReceiver.isEmpty()) {
        return new Following.No(
            upstream.isEmpty() ? "no upstream is set" : "no connection to the upstream");
      }
      var receiver = walReceiver.get();
      if (!receiver.sender().equals(Optional.of(leader))) {
        return new Following.No(
            "the upstream is %s, not %s"
                .formatted(receiver.sender().map(Endpoint::format).orElse("unknown"), leader));
      }
      if (!receiver.status().equals("streaming")) {
        return new Following.No("the receiver is " + receiver.status());
      }
      return receiver.timeline() == leadersTimeline
          ? new Following.Yes()
          : new Following.No(
              "it still streams timeline %d, not %d"
                  .formatted(receiver.timeline(), leadersTimeline));
    }
  }

  /** Whether a standby streams what it should. */
  public sealed interface Following {
    record Yes() implements Following {}

    record No(String why) implements Following {}
  }

  /**
   * The setting {@code primary_conninfo}. It may hold a password and is not printed.
   *
   * @param applicationName the name by which the standby is known to its upstream
   * @param endpoint of the upstream; empty: none, or more than one
   */
  public record UpstreamSetting(
      String conninfo, Optional<String> applicationName, Optional<Endpoint> endpoint) {
    public static UpstreamSetting of(String conninfo) {
      return new UpstreamSetting(
          conninfo,
          UpstreamSettingText.applicationName(conninfo),
          UpstreamSettingText.endpoint(conninfo));
    }

    public boolean isEmpty() {
      return conninfo.isBlank();
    }

    @Override
    public String toString() {
      return isEmpty() ? "UpstreamSetting[empty]" : "UpstreamSetting[set]";
    }
  }

  /**
   * The local receiver (PostgreSQL documentation, "pg_stat_wal_receiver"). One that is just
   * starting is not shown: no receiver here is no proof that there is none.
   *
   * @param status {@code streaming} when all is well
   * @param timeline of the log on disk
   * @param latestEnd the upstream's end, as last reported by it
   * @param sender as the upstream setting names it
   * @param silence since the upstream's last message, WAL or not; absent: none came yet
   */
  public record WalReceiver(
      String status,
      int timeline,
      Optional<Lsn> flushed,
      Optional<Lsn> latestEnd,
      Optional<Endpoint> sender,
      Optional<String> slot,
      Optional<Duration> silence) {}

  /**
   * One that streams from here (PostgreSQL documentation, "pg_stat_replication").
   *
   * @param clientAddress empty: by a Unix socket
   */
  public record WalSender(
      String user,
      String applicationName,
      Optional<String> clientAddress,
      String state,
      String syncState,
      int syncPriority,
      Optional<Lsn> sent,
      Optional<Lsn> written,
      Optional<Lsn> flushed,
      Optional<Lsn> replayed) {}
}
