package dev.matriarch.deploy.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.stream.Collectors;

/**
 * Asks the agents of one cluster. Any agent will do: the one that answered last is asked first, the
 * others in the order in which they became known, from the start or from an answer.
 */
public final class AgentClient implements AutoCloseable {
  private static final Duration CONNECT = Duration.ofSeconds(2);
  private static final Duration ANSWER = Duration.ofSeconds(5);

  /** Longer than agents wait for each other. */
  private static final Duration OUTCOME = Duration.ofMinutes(2);

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT).build();
  private final ObjectMapper json = new ObjectMapper();
  private final SequencedSet<URI> known;
  private final Optional<String> authorization;

  public AgentClient(List<URI> addresses) {
    this(addresses, Optional.empty());
  }

  /**
   * An agent may want to know who changes something.
   *
   * @param authorization value of the header of that name
   */
  public AgentClient(List<URI> addresses, Optional<String> authorization) {
    this.authorization = authorization;
    this.known = new LinkedHashSet<>(addresses);
  }

  /** The answer to an order. */
  public record Reply(int status, String text) {}

  /** What one agent said, or why it said nothing. */
  private sealed interface Answer {
    record Said(JsonNode body) implements Answer {}

    record Silent(String why) implements Answer {}
  }

  /**
   * The cluster as one agent sees it now.
   *
   * @throws CliFailure when no agent answers, naming each one and its reason
   */
  public ClusterReport cluster() {
    var cluster = first("/cluster");
    for (var member : cluster.path("members")) {
      var url = member.path("api_url").asText("");
      if (!url.isEmpty()) {
        known.add(Connection.address(url));
      }
    }
    return ClusterReport.parse(cluster, systemIdentifier());
  }

  /** The timelines that ended, oldest first. */
  public JsonNode history() {
    return first("/history");
  }

  /** Why each member is what it is, as one agent sees it. */
  public JsonNode explanation() {
    return first("/explain");
  }

  /** The dynamic configuration; empty when the cluster has none yet. */
  public Optional<JsonNode> config() {
    return known.stream().flatMap(agent -> said(agent, "/config").stream()).findFirst();
  }

  /** What the agent at an address says of itself. */
  public Optional<JsonNode> status(URI agent) {
    return said(agent, "/patroni");
  }

  /**
   * Gives an order to one agent, and waits for the outcome.
   *
   * @param agent empty: the one that answered last
   * @throws CliFailure when no answer comes; the order may have been carried out all the same
   */
  public Reply post(Optional<URI> agent, String path, Map<String, String> body) {
    var to = agent.orElseGet(known::getFirst).resolve(path);
    try {
      var request =
          HttpRequest.newBuilder(to)
              .timeout(OUTCOME)
              .header("Content-Type", "application/json")
              .POST(BodyPublishers.ofString(json.writeValueAsString(body)));
      authorization.ifPresent(it -> request.header("Authorization", it));
      var response = http.send(request.build(), BodyHandlers.ofString());
      return new Reply(response.statusCode(), response.body());
    } catch (IOException failure) {
      throw new CliFailure(
          "%s: %s; look with `matriarch list` at what has become of it"
              .formatted(to, reason(failure)));
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      throw new CliFailure("interrupted");
    }
  }

  private Optional<String> systemIdentifier() {
    return List.copyOf(known).stream()
        .flatMap(agent -> status(agent).stream())
        .map(status -> status.path("database_system_identifier").asText(""))
        .filter(identifier -> !identifier.isEmpty())
        .findFirst();
  }

  private JsonNode first(String path) {
    var silent = new ArrayList<String>();
    for (var agent : List.copyOf(known)) {
      switch (ask(agent, path)) {
        case Answer.Said(var body) -> {
          known.addFirst(agent);
          return body;
        }
        case Answer.Silent(var why) -> silent.add("  " + agent.resolve(path) + ": " + why);
      }
    }
    throw new CliFailure(
        silent.stream().collect(Collectors.joining("\n", "no agent answers:\n", "")));
  }

  private Optional<JsonNode> said(URI agent, String path) {
    return switch (ask(agent, path)) {
      case Answer.Said(var body) -> Optional.of(body);
      case Answer.Silent _ -> Optional.empty();
    };
  }

  private Answer ask(URI agent, String path) {
    var request = HttpRequest.newBuilder(agent.resolve(path)).timeout(ANSWER).build();
    try {
      var response = http.send(request, BodyHandlers.ofString());
      return response.statusCode() == 200
          ? new Answer.Said(json.readTree(response.body()))
          : new Answer.Silent("HTTP status " + response.statusCode());
    } catch (JsonProcessingException noJson) {
      return new Answer.Silent("the answer is no JSON; is this an agent?");
    } catch (IOException failure) {
      return new Answer.Silent(reason(failure));
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      throw new CliFailure("interrupted");
    }
  }

  private static String reason(IOException failure) {
    if (failure instanceof HttpConnectTimeoutException) {
      return "no connection within " + CONNECT.toSeconds() + " s";
    }
    if (failure instanceof HttpTimeoutException) {
      return "no answer within " + ANSWER.toSeconds() + " s";
    }
    if (failure.getCause() instanceof UnresolvedAddressException
        || (failure.getCause() != null
            && failure.getCause().getCause() instanceof UnresolvedAddressException)) {
      return "unknown host";
    }
    return failure instanceof ConnectException ? "connection refused" : failure.toString();
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
