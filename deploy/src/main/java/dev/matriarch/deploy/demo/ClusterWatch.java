package dev.matriarch.deploy.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.matriarch.deploy.demo.DemoCluster.DemoNode;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;

/** What the agents of the demo say, asked in the way of a load balancer: briefly and often. */
final class ClusterWatch implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private final List<DemoNode> nodes;
  private final ObjectMapper json = new ObjectMapper();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(PATIENCE).build();

  ClusterWatch(List<DemoNode> nodes) {
    this.nodes = List.copyOf(nodes);
  }

  /** A member as another one describes it. */
  record Seen(String name, String role, String state, int timeline) {
    boolean leads() {
      return role.equals("leader") && state.equals("running");
    }

    @Override
    public String toString() {
      return name + " " + role + " " + state + " on timeline " + timeline;
    }

    boolean streams() {
      return !role.equals("leader") && state.equals("streaming");
    }

    /** Whether commits wait for it, perhaps among others. */
    boolean isSynchronous() {
      return role.equals("quorum_standby") || role.equals("sync_standby");
    }
  }

  /** The first of the nodes that calls itself the primary. */
  Optional<DemoNode> primary(List<DemoNode> among) {
    return among.stream().filter(node -> answers(node, "/primary")).findFirst();
  }

  /** The members in the view of the first of these nodes that answers. */
  List<Seen> members(List<DemoNode> among) {
    return among.stream()
        .flatMap(node -> get(node, "/cluster").stream())
        .findFirst()
        .map(cluster -> seen(cluster.path("members")))
        .orElse(List.of());
  }

  /** The members in the view of any node. */
  List<Seen> members() {
    return members(nodes);
  }

  /**
   * One leader; everybody else streams from it, on its timeline, and is synchronous where any is to
   * be: until then a leader that is lost may hold commits that nobody else has, and none is
   * elected.
   */
  boolean isWhole() {
    var members = members();
    var timelines = members.stream().map(Seen::timeline).distinct().count();
    return members.size() == nodes.size()
        && timelines == 1
        && members.stream().filter(Seen::leads).count() == 1
        && members.stream().filter(Seen::streams).count() == nodes.size() - 1
        && (isAsynchronous()
            || members.stream().filter(Seen::isSynchronous).count() == nodes.size() - 1);
  }

  private boolean isAsynchronous() {
    return setting("synchronous_mode").filter(it -> !it.asText().equals("off")).isEmpty();
  }

  /** The dynamic setting of this name, where the cluster has one. */
  Optional<JsonNode> setting(String name) {
    return nodes.stream()
        .flatMap(node -> get(node, "/config").stream())
        .findFirst()
        .map(config -> config.path(name))
        .filter(value -> !value.isMissingNode() && !value.isNull());
  }

  private static List<Seen> seen(JsonNode members) {
    return StreamSupport.stream(members.spliterator(), false)
        .map(member ->
            new Seen(
                member.path("name").asText(""),
                member.path("role").asText(""),
                member.path("state").asText(""),
                member.path("timeline").asInt()))
        .toList();
  }

  private boolean answers(DemoNode node, String path) {
    return ask(node, path).filter(response -> response.statusCode() == 200).isPresent();
  }

  private Optional<JsonNode> get(DemoNode node, String path) {
    return ask(node, path)
        .filter(response -> response.statusCode() == 200)
        .flatMap(response -> parse(response.body()));
  }

  private Optional<JsonNode> parse(String body) {
    try {
      return Optional.of(json.readTree(body));
    } catch (JsonProcessingException notYet) {
      return Optional.empty();
    }
  }

  private Optional<HttpResponse<String>> ask(DemoNode node, String path) {
    var request = HttpRequest.newBuilder(node.rest().resolve(path)).timeout(PATIENCE).build();
    try {
      return Optional.of(http.send(request, BodyHandlers.ofString()));
    } catch (IOException down) {
      return Optional.empty();
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  /** All nodes but one. */
  List<DemoNode> others(DemoNode node) {
    return nodes.stream().filter(other -> !other.equals(node)).toList();
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
