package dev.matriarch.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.matriarch.config.RestApiSettings;
import dev.matriarch.config.RestApiSettings.ServerTokens;
import dev.matriarch.protocol.model.Endpoint;
import dev.matriarch.protocol.status.PgState;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Speaks to the server by bytes, as probes do that know little of HTTP. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RestServerTest {
  private static final Pattern LENGTH = Pattern.compile("(?i)content-length: (\\d+)");

  private LiveServer server;

  @BeforeAll
  void start() throws Exception {
    server = LiveServer.start(Views.leader().view());
  }

  @AfterAll
  void stop() {
    server.close();
  }

  @BeforeEach
  void showTheLeader() {
    server.show(Views.leader().view());
  }

  @ParameterizedTest
  @CsvSource({
    "OPTIONS /primary, 200",
    "OPTIONS /replica, 503",
    "OPTIONS /, 200",
    "OPTIONS *, 503",
    "OPTIONS /metrics, 503",
    "HEAD /primary, 200",
    "HEAD /patroni, 503",
    "HEAD /liveness, 503",
    "GET /liveness, 200",
    "GET /readiness, 200"
  })
  void aProbeOfHttp10WithoutHostGetsAStatusLineAndNoBody(String request, int status)
      throws Exception {
    var answer = server.exchange(request + " HTTP/1.0\r\n\r\n");
    assertThat(answer).startsWith("HTTP/1.").contains(" " + status + " ");
    assertThat(answer.substring(answer.indexOf("\r\n\r\n"))).isEqualTo("\r\n\r\n");
  }

  @ParameterizedTest
  @CsvSource({
    "/primary, 200",
    "/, 200",
    "/replica, 503",
    "/nonsense, 503",
    "/patroni, 200",
    "//patroni, 200",
    "/cluster, 200",
    "/history, 200",
    "/config, 200",
    "/primary?tag_a=b|c^, 200",
    "/primary?lag=%zz, 400"
  })
  void aGetOfHttp10AnswersAndCloses(String path, int status) throws Exception {
    var answer = server.exchange("GET " + path + " HTTP/1.0\r\n\r\n");
    assertThat(answer).startsWith("HTTP/1.").contains(" " + status + " ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Host: \r\n",
        "Host: 127.0.0.1\r\n",
        "Host: pg_node_1:8008\r\n",
        "Host: patroni\r\nUser-Agent: ((((\r\nAccept: nonsense\r\nCookie: \u00e9=\r\n",
      })
  void aRequestOfHttp11NeedsNoDecentHeaders(String headers) throws Exception {
    var answer =
        server.exchange("GET /primary HTTP/1.1\r\n" + headers + "Connection: close\r\n\r\n");
    assertThat(answer).startsWith("HTTP/1.1 200 OK\r\n").contains("\"role\": \"primary\"");
  }

  @Test
  void aConnectionOfHttp11StaysOpenAcrossProbes() throws Exception {
    try (var connection = server.connect()) {
      connection.send("OPTIONS /primary HTTP/1.1\r\nHost: a\r\n\r\n");
      assertThat(connection.head()).startsWith("HTTP/1.1 200 ");
      connection.send("HEAD /replica HTTP/1.1\r\nHost: a\r\n\r\n");
      assertThat(connection.head()).startsWith("HTTP/1.1 503 ");
      server.show(Views.replica().view());
      connection.send("GET /replica HTTP/1.1\r\nHost: a\r\n\r\n");
      var head = connection.head();
      assertThat(head).startsWith("HTTP/1.1 200 ");
      var length = LENGTH.matcher(head);
      assertThat(length.find()).isTrue();
      assertThat(connection.body(Integer.parseInt(length.group(1))))
          .startsWith("{\"state\": \"running\"")
          .endsWith("}");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "/patroni, application/json",
    "/nonsense, application/json",
    "/cluster, application/json",
    "/metrics, text/plain",
    "/failsafe, text/html"
  })
  void theContentTypeIsBare(String path, String type) throws Exception {
    assertThat(server.exchange("GET " + path + " HTTP/1.0\r\n\r\n"))
        .contains("\r\nContent-Type: " + type + "\r\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST /restart", "PUT /config", "PATCH /config", "DELETE /x"})
  void callsThatChangeSomethingAreNotImplemented(String request) throws Exception {
    var body = "{\"ttl\": 5}";
    assertThat(
            server.exchange(
                "%s HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"
                    .formatted(request, body.length(), body)))
        .startsWith("HTTP/1.1 501 ");
  }

  @Test
  void anUnknownMethodIsNotImplemented() throws Exception {
    assertThat(server.exchange("BREW /pot HTTP/1.0\r\n\r\n")).contains(" 501 ");
  }

  @Test
  void anAnswerFollowsTheViewAtOnce() throws Exception {
    server.show(Views.replica().state(PgState.STOPPED).view());
    assertThat(server.exchange("GET /health HTTP/1.0\r\n\r\n")).contains(" 503 ");
    server.show(Views.replica().view());
    assertThat(server.exchange("GET /health HTTP/1.0\r\n\r\n")).contains(" 200 ");
  }

  @Test
  void extraHeadersComeWithEveryBodyAndReservedOnesAreLeftOut() throws Exception {
    var extra = Map.of("Access-Control-Allow-Origin", "*", "content-TYPE", "text/evil");
    try (var other = LiveServer.start(Views.leader().view(), ServerTokens.PRODUCT_ONLY, extra)) {
      assertThat(other.exchange("GET /patroni HTTP/1.0\r\n\r\n"))
          .contains("\r\nAccess-Control-Allow-Origin: *\r\n")
          .contains("\r\nServer: Patroni\r\n")
          .doesNotContain("evil");
      assertThat(other.exchange("POST /restart HTTP/1.0\r\n\r\n"))
          .contains("\r\nAccess-Control-Allow-Origin: *\r\n");
      assertThat(other.exchange("OPTIONS /primary HTTP/1.0\r\n\r\n"))
          .doesNotContain("Access-Control");
    }
  }

  @Test
  void theServerHeaderTellsWhatIsConfigured() throws Exception {
    assertThat(server.exchange("GET / HTTP/1.0\r\n\r\n"))
        .containsPattern("\r\nServer: Pekko-HTTP/1\\.\\S+ Java/25\\S*\r\n");
    try (var minimal = LiveServer.start(Views.leader().view(), ServerTokens.MINIMAL, Map.of())) {
      assertThat(minimal.exchange("GET / HTTP/1.0\r\n\r\n"))
          .contains("\r\nServer: Patroni/0.1.0\r\n");
    }
  }

  @Test
  void anAddressInUseIsRefusedWithTheKeyToChange() {
    var kit = LiveServer.newKit("");
    try {
      var settings = LiveServer.settings(server.port(), ServerTokens.ORIGINAL, Map.of());
      var sources = LiveServer.sources(new AtomicReference<>(Optional.empty()));
      assertThatThrownBy(() ->
              RestServer.start(kit.system(), settings, sources)
                  .toCompletableFuture()
                  .get(10, TimeUnit.SECONDS))
          .cause()
          .isInstanceOf(BindException.class)
          .hasMessageContaining("restapi.listen")
          .hasMessageContaining("127.0.0.1:" + server.port())
          .hasMessageContaining("in use");
    } finally {
      kit.shutdownTestKit();
    }
  }

  @Test
  void aStoppedServerFreesItsPort() throws Exception {
    int port;
    try (var other = LiveServer.start(Views.leader().view())) {
      port = other.port();
      assertThat(other.exchange("GET /primary HTTP/1.0\r\n\r\n")).contains(" 200 ");
    }
    try (var socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      assertThat(socket.isBound()).isTrue();
    }
  }

  @Test
  void stoppingEndsOpenConnections() throws Exception {
    var other = LiveServer.start(Views.leader().view());
    try (var connection = other.connect()) {
      connection.send("OPTIONS /primary HTTP/1.1\r\nHost: a\r\n\r\n");
      assertThat(connection.head()).startsWith("HTTP/1.1 200 ");
      other.close();
      assertThat(connection.ends()).isTrue();
    }
  }

  @Test
  void aSilentConnectionIsEnded() throws Exception {
    var quick = "matriarch.rest.pekko.http.server.idle-timeout = 300ms";
    try (var other = LiveServer.start(Views.leader().view(), quick);
        var connection = other.connect()) {
      // A reset or an orderly end; a time-out of the read would be another exception.
      assertThatThrownBy(
              () -> {
                assertThat(connection.rest()).isEmpty();
                throw new SocketException("ended");
              })
          .isInstanceOf(SocketException.class);
    }
  }

  @Test
  void aHandlerThatFailsAnswers500AndTheNextCallIsServed() throws Exception {
    server.show(Views.replica().tags(Map.of("unwritable", new Object())).view());
    assertThat(server.exchange("GET /patroni HTTP/1.0\r\n\r\n")).contains(" 500 ");
    assertThat(server.exchange("OPTIONS /replica HTTP/1.0\r\n\r\n")).contains(" 200 ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"*", "0.0.0.0", "::"})
  void aWildcardListensForBothFamilies(String wildcard) throws Exception {
    var kit = LiveServer.newKit("");
    try {
      var port = LiveServer.freePort();
      var settings =
          new RestApiSettings(
              new Endpoint(wildcard, port),
              new Endpoint("10.0.0.1", port),
              Optional.empty(),
              Map.of(),
              ServerTokens.ORIGINAL);
      var sources = LiveServer.sources(new AtomicReference<>(Optional.empty()));
      var started =
          RestServer.start(kit.system(), settings, sources)
              .toCompletableFuture()
              .get(10, TimeUnit.SECONDS);
      for (var loopback : loopbacks()) {
        try (var connection = new LiveServer.Connection(new Socket(loopback, port))) {
          connection.send("OPTIONS /primary HTTP/1.0\r\n\r\n");
          assertThat(connection.head()).as(loopback.toString()).contains(" 503 ");
        }
      }
      started.stop().toCompletableFuture().get(10, TimeUnit.SECONDS);
    } finally {
      kit.shutdownTestKit();
    }
  }

  private static List<InetAddress> loopbacks() throws SocketException {
    return NetworkInterface.networkInterfaces()
        .flatMap(NetworkInterface::inetAddresses)
        .filter(InetAddress::isLoopbackAddress)
        .toList();
  }
}
