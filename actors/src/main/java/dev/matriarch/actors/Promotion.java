package dev.matriarch.actors;

import dev.matriarch.actors.postgres.InstanceStatus;
import dev.matriarch.actors.postgres.PgConnection;
import dev.matriarch.actors.postgres.Promote;
import dev.matriarch.actors.postgres.ReplicationProtocol;
import dev.matriarch.actors.postgres.StandbyFence;
import dev.matriarch.actors.postgres.StatusQuery;
import dev.matriarch.actors.postgres.SyncInForce;
import dev.matriarch.protocol.sync.StandbyNames;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.SortedSet;

/** The local standby becomes the primary. */
record Promotion(PostgresHost host) {
  /**
   * Promotes it.
   *
   * @param names for whom commits wait from the first one on
   * @param prepared closed here
   */
  Promote.Result run(
      int timeline,
      StandbyNames names,
      SortedSet<String> slots,
      Optional<StandbyFence.Handle> prepared) {
    var local = PgConnection.local(host.settings());
    try (var connection =
        prepared.isPresent()
            ? prepared.get().superuser()
            : local.open(PgConnection.SHORT_JOB, PgConnection.LONG_STATEMENT_TIMEOUT)) {
      if ((names.count() > 0 || host.site().synchrony().isOurs())
          && host.site().synchrony().prepareStandby(names, connection)
              instanceof SyncInForce.Result.NotYet(var because)) {
        return new Promote.Result.NotPromoted("commits would not wait as they must: " + because);
      }
      var newest =
          prepared.isPresent() ? prepared.get().timeline() : newestTimeline(local, connection);
      return new Promote(host.site().numbers(), slots)
          .run(connection, newest, timeline, host.settings().pgCtlTimeout());
    } catch (SQLException e) {
      return new Promote.Result.NotPromoted("cannot connect: " + e.getMessage());
    }
  }

  /** The replication protocol knows exactly; its role may not be let in from this host. */
  private int newestTimeline(PgConnection local, Connection connection) throws SQLException {
    try {
      var replication = PgConnection.to(local.server(), host.settings().replication());
      return new ReplicationProtocol(replication).identifySystem().position().timeline();
    } catch (SQLException e) {
      return switch (StatusQuery.ask(connection).role()) {
        case InstanceStatus.Primary(var timeline, _, _) -> timeline;
        case InstanceStatus.Standby standby -> standby.timeline();
      };
    }
  }
}
