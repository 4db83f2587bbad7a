package dev.matriarch.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.config.RestApiSettings;
import dev.matriarch.config.RestApiSettings.Login;
import dev.matriarch.config.RestApiSettings.ServerTokens;
import dev.matriarch.protocol.ha.SwitchoverAnswer;
import dev.matriarch.protocol.ha.SwitchoverAnswer.Result;
import dev.matriarch.protocol.ha.SwitchoverRequest;
import dev.matriarch.protocol.ha.SwitchoverRequest.Kind;
import dev.matriarch.protocol.model.Endpoint;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Calls that change something. */
class OrderApiTest {
  private final List<SwitchoverRequest> asked = new ArrayList<>();
  private SwitchoverAnswer outcome = new SwitchoverAnswer(Result.DONE, "done");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "/failover   | {}                                  | 400 | Failover could be performed only"
            + " to a specific candidate",
        "/failover   | {'leader': 'db1'}                   | 400 | Failover could be performed only"
            + " to a specific candidate",
        "/switchover | {'candidate': 'db2'}                | 400 | Switchover could be performed"
            + " only from a specific leader",
        "/failover   | {'candidate': 'db2', 'scheduled_at': 'x'} | 400 | Failover can't be"
            + " scheduled",
        "/switchover | {'leader': 'db1', 'scheduled_at': '2030-01-01T00:00+00'} | 501 | a"
            + " switchover cannot be scheduled",
        "/switchover | {'leader': 'db1', 'candidate': 'db1'} | 400 | Switchover target and source"
            + " are the same",
        "/switchover | {'leader':                          | 400 | the body is no JSON",
        "/switchover | ['db1']                             | 400 | the body has to be a JSON"
            + " object",
      })
  void aCallThatCannotBeMeantIsRefused(String path, String body, int status, String text) {
    var answer = post(path, body.replace('\'', '"'));
    assertThat(answer.status()).isEqualTo(status);
    assertThat(text(answer)).startsWith(text);
    assertThat(asked).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"DONE, 200", "NOT_POSSIBLE, 412", "BUSY, 409", "FAILED, 503", "UNKNOWN, 503"})
  void theOutcomeIsAStatusAndAText(Result result, int status) {
    outcome = new SwitchoverAnswer(result, "what happened");
    var answer = post("/switchover", "{\"leader\": \"db1\"}");
    assertThat(answer.status()).isEqualTo(status);
    assertThat(text(answer)).isEqualTo("what happened");
  }

  @Test
  void theRequestNamesLeaderAndCandidate() {
    post("/switchover", "{\"leader\": \"db1\", \"candidate\": \"db2\"}");
    post("/switchover", "{\"leader\": \"db1\", \"member\": \"db3\"}");
    post("/switchover", "{\"leader\": \"db1\", \"candidate\": null}");
    post("/failover", "{\"candidate\": \"db2\"}");
    post("/failover", "{\"leader\": \"db1\", \"candidate\": \"db2\"}");
    var db1 = Optional.of(Views.DB1);
    var db2 = Optional.of(Views.DB2);
    assertThat(asked)
        .containsExactly(
            new SwitchoverRequest(Kind.SWITCHOVER, db1, db2),
            new SwitchoverRequest(Kind.SWITCHOVER, db1, Optional.of(Views.DB3)),
            new SwitchoverRequest(Kind.SWITCHOVER, db1, Optional.empty()),
            new SwitchoverRequest(Kind.FAILOVER, Optional.empty(), db2),
            new SwitchoverRequest(Kind.SWITCHOVER, db1, db2));
  }

  @Test
  void noSwitchoverIsEverScheduled() {
    var answer = api().answer("DELETE", "/switchover", "").toCompletableFuture().join();
    assertThat(answer.status()).isEqualTo(404);
    assertThat(text(answer)).isEqualTo("no switchover is scheduled");
  }

  @Test
  void whatFailsInsideIsNoSuccess() {
    var sources =
        LiveServer.sources(
            Optional::empty,
            _ -> CompletableFuture.failedFuture(new IllegalStateException("gone")));
    var answer =
        new OrderApi(sources)
            .answer("POST", "/switchover", "{\"leader\": \"db1\"}")
            .toCompletableFuture()
            .join();
    assertThat(answer.status()).isEqualTo(503);
  }

  @Test
  void otherCallsThatWouldChangeSomethingAreStillNotTaken() {
    assertThat(api().takes("POST", "/restart")).isFalse();
    assertThat(api().takes("GET", "/switchover")).isFalse();
    assertThat(api().takes("DELETE", "/failover")).isFalse();
  }

  // --- on the wire ------------------------------------------------------------------------------

  @Test
  void aLoginIsAskedForWhereOneIsConfigured() throws Exception {
    var kit = LiveServer.newKit("");
    try {
      var listen = new Endpoint("127.0.0.1", LiveServer.freePort());
      var login = Optional.of(new Login("admin", "se:cret"));
      var settings = new RestApiSettings(listen, listen, login, Map.of(), ServerTokens.ORIGINAL);
      var server =
          RestServer.start(kit.system(), settings, LiveServer.sources(Optional::empty, this::ask))
              .toCompletableFuture()
              .get(10, TimeUnit.SECONDS);
      var port = listen.port();
      assertThat(call(port, ""))
          .contains(" 401 ")
          .contains("WWW-Authenticate: Basic realm=\"Patroni\"")
          .endsWith("no auth header received");
      assertThat(call(port, basic("admin:wrong"))).contains(" 401 ").endsWith("not authenticated");
      assertThat(call(port, "Authorization: Bearer x\r\n")).contains(" 401 ");
      assertThat(asked).isEmpty();
      assertThat(call(port, basic("admin:se:cret"))).contains(" 200 ").endsWith("done");
      assertThat(asked).hasSize(1);
      assertThat(exchange(port, "GET /patroni HTTP/1.0\r\n\r\n")).doesNotContain(" 401 ");
      server.stop().toCompletableFuture().get(10, TimeUnit.SECONDS);
    } finally {
      kit.shutdownTestKit();
    }
  }

  private static String basic(String login) {
    var encoded = Base64.getEncoder().encodeToString(login.getBytes(StandardCharsets.UTF_8));
    return "Authorization: Basic %s\r\n".formatted(encoded);
  }

  private static String call(int port, String header) throws Exception {
    var body = "{\"leader\": \"db1\"}";
    return exchange(
        port,
        "POST /switchover HTTP/1.0\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n%s"
            .formatted(header, body.length(), body));
  }

  private static String exchange(int port, String request) throws Exception {
    try (var connection =
        new LiveServer.Connection(new Socket(InetAddress.getLoopbackAddress(), port))) {
      connection.send(request);
      return connection.rest();
    }
  }

  private OrderApi api() {
    return new OrderApi(LiveServer.sources(Optional::empty, this::ask));
  }

  private CompletableFuture<SwitchoverAnswer> ask(SwitchoverRequest request) {
    asked.add(request);
    return CompletableFuture.completedFuture(outcome);
  }

  private Answer post(String path, String body) {
    return api().answer("POST", path, body).toCompletableFuture().join();
  }

  private static String text(Answer answer) {
    return answer.content().orElseThrow().text();
  }
}
