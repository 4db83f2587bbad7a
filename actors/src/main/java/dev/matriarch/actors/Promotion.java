package dev.matriarch.actors;

import dev.matriarch.actors.postgres.Outcome;
import dev.matriarch.actors.postgres.PgConnection;
import dev.matriarch.actors.postgres.Promote;
import dev.matriarch.actors.postgres.StandbyFence;
import dev.matriarch.actors.postgres.SyncInForce;
import dev.matriarch.protocol.sync.StandbyNames;
import java.sql.SQLException;
import java.util.Optional;
import java.util.SortedSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The local standby becomes the primary. */
record Promotion(PostgresHost host) {
  private static final Logger LOG = LoggerFactory.getLogger(Promotion.class);

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
    try {
      var handle = prepared.isPresent() ? prepared.get() : newHandle();
      try (var connection = handle.superuser()) {
        if ((names.count() > 0 || host.site().synchrony().isOurs())
            && host.site().synchrony().prepareStandby(names, connection)
                instanceof SyncInForce.Result.NotYet(var because)) {
          return new Promote.Result.NotPromoted("commits would not wait as they must: " + because);
        }
        var result =
            new Promote(host.site().numbers(), slots)
                .run(connection, handle.timeline(), timeline, host.settings().pgCtlTimeout());
        if (result instanceof Promote.Result.Promoted) {
          note(timeline);
        }
        return result;
      }
    } catch (SQLException e) {
      return new Promote.Result.NotPromoted("cannot connect: " + e.getMessage());
    }
  }

  /** Without it only the record tells that this was no promotion by hand. */
  private void note(int timeline) {
    if (host.promotionFile().write(timeline) instanceof Outcome.Failed(var reason)) {
      LOG.warn("{}", reason);
    }
  }

  private StandbyFence.Handle newHandle() throws SQLException {
    var local = PgConnection.local(host.settings());
    return StandbyFence.Handle.open(
        local, PgConnection.to(local.server(), host.settings().replication()));
  }
}
