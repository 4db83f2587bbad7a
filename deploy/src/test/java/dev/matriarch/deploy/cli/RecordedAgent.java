package dev.matriarch.deploy.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * An HTTP server that answers with what an agent once said; everything else with status 503. It
 * calls itself {@code http://AGENT}.
 */
final class RecordedAgent implements AutoCloseable {
  private final HttpServer server;
  private final Map<String, String> recorded;
  private final List<String> posted = new CopyOnWriteArrayList<>();
  private final List<String> authorized = new CopyOnWriteArrayList<>();

  private RecordedAgent(HttpServer server, Map<String, String> recorded) {
    this.server = server;
    this.recorded = recorded;
  }

  static RecordedAgent start(Map<String, String> recorded) throws IOException {
    var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    var agent = new RecordedAgent(HttpServer.create(address, 0), recorded);
    agent.server.createContext("/", agent::answer);
    agent.server.start();
    return agent;
  }

  private void answer(HttpExchange exchange) throws IOException {
    var said = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    if (exchange.getRequestMethod().equals("POST")) {
      posted.add("%s %s".formatted(exchange.getRequestURI().getPath(), said));
      Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization"))
          .ifPresent(authorized::add);
    }
    var body = recorded.get(exchange.getRequestURI().getPath());
    var text = String.valueOf(body).replace("http://AGENT", url());
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(body == null ? 503 : 200, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  /** Path and body of each order, in their order. */
  List<String> posted() {
    return List.copyOf(posted);
  }

  /** The logins that came with orders. */
  List<String> authorized() {
    return List.copyOf(authorized);
  }

  int port() {
    return server.getAddress().getPort();
  }

  String url() {
    return "http://127.0.0.1:" + port();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
