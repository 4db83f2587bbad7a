package dev.matriarch.http;

import com.typesafe.config.ConfigFactory;
import dev.matriarch.config.RestApiSettings;
import dev.matriarch.config.RestApiSettings.ServerTokens;
import dev.matriarch.protocol.ha.SwitchoverAnswer;
import dev.matriarch.protocol.ha.SwitchoverRequest;
import dev.matriarch.protocol.model.Endpoint;
import dev.matriarch.protocol.status.NodeView;
import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;

/** A real server on a free port of the loopback, whose view the test can change. */
final class LiveServer implements AutoCloseable {
  private static final int READ_TIMEOUT_MS = 5000;

  private final ActorTestKit kit;
  private final RestServer server;
  private final AtomicReference<Optional<NodeView>> view;

  private LiveServer(
      ActorTestKit kit, RestServer server, AtomicReference<Optional<NodeView>> view) {
    this.kit = kit;
    this.server = server;
    this.view = view;
  }

  static LiveServer start(NodeView first) throws Exception {
    return start(first, ServerTokens.ORIGINAL, Map.of());
  }

  static LiveServer start(NodeView first, String config) throws Exception {
    return start(first, ServerTokens.ORIGINAL, Map.of(), newKit(config));
  }

  static LiveServer start(NodeView first, ServerTokens tokens, Map<String, String> extraHeaders)
      throws Exception {
    return start(first, tokens, extraHeaders, newKit(""));
  }

  private static LiveServer start(
      NodeView first, ServerTokens tokens, Map<String, String> extraHeaders, ActorTestKit kit)
      throws Exception {
    try {
      var view = new AtomicReference<>(Optional.of(first));
      var settings = settings(freePort(), tokens, extraHeaders);
      var server =
          RestServer.start(kit.system(), settings, sources(view))
              .toCompletableFuture()
              .get(10, TimeUnit.SECONDS);
      return new LiveServer(kit, server, view);
    } catch (Exception e) {
      kit.shutdownTestKit();
      throw e;
    }
  }

  static ActorTestKit newKit(String config) {
    // A server needs no other agents: without their transport no port is taken but its own.
    var alone = "pekko.actor.provider = local\n" + config;
    var own = ConfigFactory.parseString(alone).withFallback(ConfigFactory.load());
    return ActorTestKit.create("rest", own);
  }

  static RestApiSettings settings(int port, ServerTokens tokens, Map<String, String> extraHeaders) {
    var listen = new Endpoint("127.0.0.1", port);
    return new RestApiSettings(listen, listen, Optional.empty(), extraHeaders, tokens);
  }

  static RestSources sources(AtomicReference<Optional<NodeView>> view) {
    return sources(view::get);
  }

  static RestSources sources(Supplier<Optional<NodeView>> view) {
    return sources(
        view,
        request -> {
          throw new AssertionError("nobody was to be asked: " + request);
        });
  }

  static RestSources sources(
      Supplier<Optional<NodeView>> view,
      Function<SwitchoverRequest, CompletionStage<SwitchoverAnswer>> switchover) {
    return new RestSources(Views.IDENTITY, view, () -> Views.NOW, () -> Views.DYNAMIC, switchover);
  }

  static int freePort() throws IOException {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  int port() {
    return server.address().getPort();
  }

  void show(NodeView next) {
    view.set(Optional.of(next));
  }

  Connection connect() throws IOException {
    return new Connection(new Socket(server.address().getAddress(), port()));
  }

  /** Sends bytes on a connection of their own and reads until the server closes it. */
  String exchange(String request) throws IOException {
    try (var connection = connect()) {
      connection.send(request);
      return connection.rest();
    }
  }

  @Override
  public void close() {
    try {
      server.stop().toCompletableFuture().orTimeout(10, TimeUnit.SECONDS).join();
    } finally {
      kit.shutdownTestKit();
    }
  }

  /** A client's side of a connection. */
  static final class Connection implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;

    Connection(Socket socket) throws IOException {
      this.socket = socket;
      socket.setSoTimeout(READ_TIMEOUT_MS);
      in = socket.getInputStream();
    }

    void send(String text) throws IOException {
      socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    String rest() throws IOException {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }

    /** Whether the server ends the connection, in order or by a reset, without another byte. */
    boolean ends() throws IOException {
      try {
        return in.read() < 0;
      } catch (SocketTimeoutException e) {
        return false;
      } catch (SocketException e) {
        return true;
      }
    }

    /** Reads the head of one answer, up to the empty line. */
    String head() throws IOException {
      var head = new StringBuilder();
      while (head.indexOf("\r\n\r\n") < 0) {
        var next = in.read();
        if (next < 0) {
          throw new IOException("closed after: " + head);
        }
        head.append((char) next);
      }
      return head.toString();
    }

    String body(int bytes) throws IOException {
      return new String(in.readNBytes(bytes), StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
