package dev.matriarch.multijvm.chaos.workload;

import dev.matriarch.multijvm.JvmNode;
import dev.matriarch.multijvm.Place;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * Where a client connects.
 *
 * @param behind who may be reached there: a node itself, or what a router chooses
 */
record Door(Place place, List<JvmNode> behind) {
  Door {
    behind = List.copyOf(behind);
  }

  static Door of(JvmNode node) {
    return new Door(node.place(), List.of(node));
  }

  /** Whom a connection has reached: behind a router only the server itself can tell. */
  JvmNode reached(Connection connection) throws SQLException {
    if (behind.size() == 1) {
      return behind.getFirst();
    }
    try (var statement = connection.createStatement();
        var answer = statement.executeQuery("SELECT host(inet_server_addr())")) {
      answer.next();
      var host = answer.getString(1);
      return behind.stream()
          .filter(it -> it.place().host().equals(host))
          .findFirst()
          .orElseThrow(() -> new IllegalStateException("no node lives at " + host));
    }
  }
}
