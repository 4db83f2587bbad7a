package dev.matriarch.multijvm;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/**
 * Asks one agent as a load balancer does: one connection for each question. Sockets by hand,
 * because {@code java.net.http} cannot open them in another network namespace.
 */
public final class Rest {
  private static final int TIMEOUT_MS = 1000;
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * An answer.
   *
   * @param status of HTTP; 0: there was none
   */
  public record Answer(int status, String body) {
    static final Answer NONE = new Answer(0, "");

    public boolean ok() {
      return status == 200;
    }
  }

  private final Place place;

  Rest(Place place) {
    this.place = place;
  }

  public Answer get(String path) {
    return ask(
        "GET %s HTTP/1.0\r\nHost: %s\r\n\r\n".formatted(path, place.rest()),
        Duration.ofMillis(TIMEOUT_MS));
  }

  /**
   * Asks for something to be done.
   *
   * @param patience for the answer, which may come only when it is done
   */
  public Answer post(String path, String json, Duration patience) {
    return send("POST", path, json, patience);
  }

  /** As {@link #post}, for something to be changed. */
  public Answer patch(String path, String json, Duration patience) {
    return send("PATCH", path, json, patience);
  }

  private Answer send(String method, String path, String json, Duration patience) {
    return ask(
        """
        %s %s HTTP/1.0\r
        Host: %s\r
        Content-Type: application/json\r
        Content-Length: %d\r
        \r
        %s\
        """
            .formatted(
                method, path, place.rest(), json.getBytes(StandardCharsets.UTF_8).length, json),
        patience);
  }

  private Answer ask(String request, Duration patience) {
    try (var socket = place.sockets().createSocket()) {
      socket.setSoTimeout(Math.toIntExact(patience.toMillis()));
      socket.connect(new InetSocketAddress(place.host(), place.restPort()), TIMEOUT_MS);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
      var text = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      var words = text.split(" ", 3);
      var body = text.indexOf("\r\n\r\n");
      return words.length < 3 || body < 0
          ? Answer.NONE
          : new Answer(Integer.parseInt(words[1]), text.substring(body + 4));
    } catch (IOException | NumberFormatException e) {
      return Answer.NONE;
    }
  }

  public boolean isPrimary() {
    return get("/primary").ok();
  }

  public Optional<JsonNode> json(String path) {
    var answer = get(path);
    return answer.ok() ? parse(answer.body()) : Optional.empty();
  }

  /** What the node says of itself; also when it is unwell. */
  public Optional<JsonNode> self() {
    return parse(get("/patroni").body());
  }

  /** The value of a metric of this name. */
  public Optional<Double> metric(String name) {
    return get("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(name + "{"))
        .map(line -> Double.valueOf(line.substring(line.lastIndexOf(' ') + 1)))
        .findFirst();
  }

  private static Optional<JsonNode> parse(String body) {
    try {
      return body.isEmpty() ? Optional.empty() : Optional.of(JSON.readTree(body));
    } catch (JsonProcessingException broken) {
      return Optional.empty();
    }
  }
}
