package dev.matriarch.deploy.demo;

import dev.matriarch.deploy.demo.DemoCluster.DemoNode;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** What is in the table of the check, on the primary and on every node. */
final class StoredRows {
  private static final int ATTEMPTS = 200;
  private static final long PAUSE_MS = 100;

  private final DemoCluster cluster;

  StoredRows(DemoCluster cluster) {
    this.cluster = cluster;
  }

  /** Waits until HAProxy has noticed the primary: it asks once a second. */
  void awaitPrimary() throws SQLException, InterruptedException {
    for (var attempt = 1; ; attempt++) {
      try {
        read(cluster.primaryPort(), "SELECT 1");
        return;
      } catch (SQLException failure) {
        if (attempt == ATTEMPTS) {
          throw failure;
        }
        TimeUnit.MILLISECONDS.sleep(PAUSE_MS);
      }
    }
  }

  Set<Long> onPrimary() throws SQLException {
    return new HashSet<>(read(cluster.primaryPort(), "SELECT id FROM demo_check"));
  }

  /** One sentence for each node that does not come to have the same rows as the primary. */
  List<String> differences(Set<Long> expected) throws InterruptedException {
    var faults = new ArrayList<String>();
    for (var node : cluster.nodes()) {
      difference(node, expected).ifPresent(faults::add);
    }
    return faults;
  }

  private Optional<String> difference(DemoNode node, Set<Long> expected)
      throws InterruptedException {
    var last = "";
    for (var attempt = 1; attempt <= ATTEMPTS; attempt++) {
      try {
        var rows = new HashSet<>(read(node.postgresPort(), "SELECT id FROM demo_check"));
        if (rows.equals(expected)) {
          return Optional.empty();
        }
        last = "it has %d rows instead of %d".formatted(rows.size(), expected.size());
      } catch (SQLException failure) {
        last = String.valueOf(failure.getMessage());
      }
      TimeUnit.MILLISECONDS.sleep(PAUSE_MS);
    }
    return Optional.of(node.name() + " does not have the rows of the primary: " + last);
  }

  private List<Long> read(int port, String query) throws SQLException {
    try (var connection = DriverManager.getConnection(cluster.jdbcUrl(port));
        var statement = connection.createStatement();
        var answer = statement.executeQuery(query)) {
      var values = new ArrayList<Long>();
      while (answer.next()) {
        values.add(answer.getLong(1));
      }
      return values;
    }
  }
}
