package dev.matriarch.actors.postgres;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.matriarch.actors.postgres.InstanceStatus.WalSender;
import dev.matriarch.protocol.ha.ReplicationSlot;
import dev.matriarch.protocol.model.Lsn;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The lists within the one row of {@link StatusQuery}. */
final class StatusJson {
  private static final ObjectMapper JSON = new ObjectMapper();

  private StatusJson() {}

  static List<WalSender> walSenders(Optional<String> json) throws SQLException {
    var senders = new ArrayList<WalSender>();
    for (var node : parse(json)) {
      senders.add(
          new WalSender(
              node.path("user").asText(""),
              node.path("application").asText(""),
              text(node, "address"),
              node.path("state").asText(""),
              node.path("syncState").asText(""),
              node.path("syncPriority").asInt(),
              text(node, "sent").map(Lsn::parse),
              text(node, "written").map(Lsn::parse),
              text(node, "flushed").map(Lsn::parse),
              text(node, "replayed").map(Lsn::parse)));
    }
    return List.copyOf(senders);
  }

  static List<ReplicationSlot> slots(Optional<String> json) throws SQLException {
    var slots = new ArrayList<ReplicationSlot>();
    for (var node : parse(json)) {
      slots.add(
          new ReplicationSlot(
              node.path("name").asText(),
              node.path("physical").asBoolean(),
              node.path("active").asBoolean(),
              node.path("temporary").asBoolean(),
              text(node, "restart").map(Lsn::parse),
              node.path("lost").asBoolean(),
              node.path("holdsXmin").asBoolean()));
    }
    return List.copyOf(slots);
  }

  private static JsonNode parse(Optional<String> json) throws SQLException {
    try {
      return json.isPresent() ? JSON.readTree(json.get()) : JSON.createArrayNode();
    } catch (JsonProcessingException e) {
      throw new SQLException("not JSON: " + json.orElse(""), e);
    }
  }

  private static Optional<String> text(JsonNode node, String field) {
    var value = node.path(field);
    return value.isTextual() ? Optional.of(value.asText()) : Optional.empty();
  }
}
