package dev.matriarch.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/**
 * Asks agents, Patroni's ones too, over their REST API. One try, at most {@link #TIMEOUT} in all.
 */
public final class ApiClient implements AutoCloseable {
  public static final Duration TIMEOUT = Duration.ofSeconds(2);

  private static final long BODY_BYTES_MAX = 4 << 20;
  private static final JsonMapper MAPPER = new JsonMapper();

  /** What came of a call. */
  public sealed interface Reply {
    /** JSON came, whatever the code: a failed health check has a body too. */
    record Answered(int code, JsonNode body) implements Reply {}

    /** Something else came: no agent, or one that could not answer. */
    record NotJson(int code, String text) implements Reply {}

    /** Nothing came in time. */
    record Unreachable(String reason) implements Reply {}
  }

  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(TIMEOUT)
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();

  /**
   * What an agent says of itself.
   *
   * @param apiUrl as agents publish it, {@code http://host:port/patroni}; any path of the same
   *     agent will do
   */
  public CompletableFuture<Reply> patroni(URI apiUrl) {
    return get(apiUrl.resolve("/patroni"));
  }

  /** What an agent knows of its cluster; {@code apiUrl} as in {@link #patroni}. */
  public CompletableFuture<Reply> cluster(URI apiUrl) {
    return get(apiUrl.resolve("/cluster"));
  }

  /** Like {@link #cluster}, for the timelines that ended. */
  public CompletableFuture<Reply> history(URI apiUrl) {
    return get(apiUrl.resolve("/history"));
  }

  @Override
  public void close() {
    client.shutdownNow();
  }

  private CompletableFuture<Reply> get(URI uri) {
    var request = HttpRequest.newBuilder(uri).timeout(TIMEOUT).GET().build();
    var body = BodyHandlers.limiting(BodyHandlers.ofString(StandardCharsets.UTF_8), BODY_BYTES_MAX);
    return client
        .sendAsync(request, body)
        .thenApply(ApiClient::reply)
        // The client's own time-out ends with the head of the answer.
        .orTimeout(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
        .exceptionally(failure -> new Reply.Unreachable(reason(uri, failure)));
  }

  private static Reply reply(HttpResponse<String> response) {
    try {
      return new Reply.Answered(response.statusCode(), MAPPER.readTree(response.body()));
    } catch (JsonProcessingException _) {
      return new Reply.NotJson(response.statusCode(), response.body());
    }
  }

  private static String reason(URI uri, Throwable failure) {
    var cause = failure instanceof CompletionException ? failure.getCause() : failure;
    var known = Optional.ofNullable(cause).orElse(failure);
    var said = Optional.ofNullable(known.getMessage()).map(message -> ": " + message).orElse("");
    return "%s: %s%s".formatted(uri, known.getClass().getSimpleName(), said);
  }
}
