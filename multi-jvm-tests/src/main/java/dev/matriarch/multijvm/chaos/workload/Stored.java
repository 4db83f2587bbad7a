package dev.matriarch.multijvm.chaos.workload;

import dev.matriarch.multijvm.chaos.history.Value;
import java.sql.ResultSet;
import java.sql.SQLException;

/** How a statement that stores something tells where. */
final class Stored {
  static final String COLUMNS = Tables.TIMELINE + ", pg_current_wal_insert_lsn() - '0/0'::pg_lsn";

  private Stored() {}

  static Value of(ResultSet row) throws SQLException {
    return new Value.Stored(row.getInt(1), row.getLong(2));
  }
}
