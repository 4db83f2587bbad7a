package dev.matriarch.actors.postgres;

import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.sync.NamesInUse;
import dev.matriarch.protocol.sync.StandbyNames;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * One walsender of the local primary, with what tells whose commits it may acknowledge.
 *
 * @param since start of its process as PostgreSQL prints it; with {@code pid} it names one process
 * @param priority 0: by its own copy of the setting it acknowledges nothing
 * @param throughSlot it holds a physical slot, which admits no second connection
 * @param replied when the standby sent its last answer, by the standby's clock
 */
record SyncSender(
    int pid,
    String since,
    String name,
    String state,
    int priority,
    Optional<Lsn> sent,
    Optional<Lsn> flushed,
    boolean throughSlot,
    Optional<String> replied) {

  private static final String SQL =
      """
      SELECT r.pid, r.backend_start::text, r.application_name, r.state, r.sync_priority,
             r.sent_lsn::text, r.flush_lsn::text,
             EXISTS (SELECT FROM pg_replication_slots s
                      WHERE s.active_pid = r.pid AND s.slot_type = 'physical'),
             r.reply_time::text
        FROM pg_stat_replication r\
      """;

  static List<SyncSender> all(Connection connection) throws SQLException {
    var all = new ArrayList<SyncSender>();
    try (var statement = connection.createStatement();
        var row = statement.executeQuery(SQL)) {
      while (row.next()) {
        all.add(
            new SyncSender(
                row.getInt(1),
                text(row, 2).orElse(""),
                text(row, 3).orElse(""),
                text(row, 4).orElse(""),
                row.getInt(5),
                text(row, 6).map(Lsn::parse),
                text(row, 7).map(Lsn::parse),
                row.getBoolean(8),
                text(row, 9)));
      }
    }
    return List.copyOf(all);
  }

  /**
   * Why it is not proven yet that this process goes by {@code value}; empty: it does, or it counts
   * for nothing.
   *
   * <p>A walsender reads its configuration at the head of its loop, and takes answers below. So an
   * answer to WAL that was written after it had been signalled finds it with the new value ({@code
   * WalSndLoop}, {@code walsender.c}).
   *
   * @param before what it may have gone by until now
   * @param mark a record that was written after all processes had been signalled
   */
  Optional<String> doubt(NamesInUse before, StandbyNames value, Lsn mark) {
    if (!value.names(name)) {
      return priority == 0
          ? Optional.empty()
          : Optional.of("%s still counts %s by an older value".formatted(this, name));
    }
    if (!throughSlot) {
      return Optional.of(
          "%s streams as %s without a physical slot, so that it may count twice"
              .formatted(this, name));
    }
    if (has(mark) || (priority > 0 && isNew(before))) {
      return Optional.empty();
    }
    return Optional.of("%s has not confirmed %s".formatted(this, mark));
  }

  /** Its answer to a record shows that the standby has it on disk. */
  boolean has(Lsn mark) {
    return sent.filter(it -> it.compareTo(mark) >= 0).isPresent()
        && flushed.filter(it -> it.compareTo(mark) >= 0).isPresent();
  }

  /** By none of the older values had it any priority. */
  private boolean isNew(NamesInUse before) {
    return before.settled()
        && before.values().subList(0, before.values().size() - 1).stream()
            .noneMatch(it -> it.names(name));
  }

  /** Which process, also after its number was given to another. */
  record Life(int pid, String since) {}

  Life life() {
    return new Life(pid, since);
  }

  /** Ends this very process; the standby connects again, and finds the new value. */
  void end(Connection connection) throws SQLException {
    try (var statement =
        connection.prepareStatement(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_replication"
                + " WHERE pid = ? AND backend_start::text = ?")) {
      statement.setInt(1, pid);
      statement.setString(2, since);
      statement.execute();
    }
  }

  /** How many of the named standbys have the record on disk. */
  static int holders(List<SyncSender> all, StandbyNames value, Lsn mark) {
    var names = new HashSet<String>();
    for (var it : all) {
      if (value.names(it.name) && it.throughSlot && it.has(mark)) {
        names.add(it.name.toLowerCase(Locale.ROOT));
      }
    }
    return names.size();
  }

  private static Optional<String> text(ResultSet row, int column) throws SQLException {
    return Optional.ofNullable(row.getString(column));
  }

  @Override
  public String toString() {
    return "walsender %d (%s)".formatted(pid, state);
  }
}
