package dev.matriarch.deploy.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** An HTTP server that answers with what an agent once said; everything else with status 503. */
final class RecordedAgent implements AutoCloseable {
  private final HttpServer server;
  private final Map<String, String> recorded;

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
    var body = recorded.get(exchange.getRequestURI().getPath());
    var bytes = String.valueOf(body).getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(body == null ? 503 : 200, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
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
