package dev.matriarch.deploy.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;

/**
 * What {@code GET /cluster} says.
 *
 * @param systemId PostgreSQL's identifier of the cluster; absent until it is initialized
 */
public record ClusterReport(
    String scope,
    Optional<String> systemId,
    List<Member> members,
    boolean paused,
    Optional<PlannedSwitchover> switchover) {

  /**
   * One member.
   *
   * @param json the whole entry, for the columns that show it as it is
   */
  public record Member(ObjectNode json) {
    public String name() {
      return text("name");
    }

    public String role() {
      return text("role");
    }

    public String state() {
      return text("state");
    }

    public boolean leads() {
      return role().equals("leader") || role().equals("standby_leader");
    }

    /** The member that this one shall replicate from, where its tags say so. */
    public Optional<String> source() {
      return Optional.of(json.path("tags").path("replicatefrom").asText(""))
          .filter(name -> !name.isEmpty());
    }

    public String text(String key) {
      return json.path(key).asText("");
    }
  }

  /** A switchover that waits for its time. */
  public record PlannedSwitchover(String at, Optional<String> from, Optional<String> to) {}

  static ClusterReport parse(JsonNode cluster, Optional<String> systemId) {
    var members =
        StreamSupport.stream(cluster.path("members").spliterator(), false)
            .filter(ObjectNode.class::isInstance)
            .map(member -> new Member((ObjectNode) member))
            .toList();
    var planned = cluster.path("scheduled_switchover");
    return new ClusterReport(
        cluster.path("scope").asText(""),
        systemId,
        members,
        cluster.path("pause").asBoolean(),
        planned.isObject()
            ? Optional.of(
                new PlannedSwitchover(
                    planned.path("at").asText(""), name(planned, "from"), name(planned, "to")))
            : Optional.empty());
  }

  private static Optional<String> name(JsonNode planned, String key) {
    return Optional.of(planned.path(key).asText("")).filter(name -> !name.isEmpty());
  }
}
