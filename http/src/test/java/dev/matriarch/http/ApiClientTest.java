package dev.matriarch.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.http.ApiClient.Reply;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ApiClientTest {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  @Test
  void anAgentAnswersInJson() throws Exception {
    try (var server = LiveServer.start(Views.replica().view());
        var client = new ApiClient()) {
      var url = url(server.port());
      assertThat(client.patroni(url).join())
          .isInstanceOfSatisfying(
              Reply.Answered.class,
              answer -> {
                assertThat(answer.code()).isEqualTo(200);
                assertThat(answer.body().at("/patroni/name").asText()).isEqualTo("db2");
              });
      assertThat(client.cluster(url).join())
          .isInstanceOfSatisfying(
              Reply.Answered.class,
              answer ->
                  assertThat(answer.body().at("/members/0/role").asText()).isEqualTo("leader"));
      assertThat(client.history(url).join())
          .isInstanceOfSatisfying(
              Reply.Answered.class, answer -> assertThat(answer.body().isArray()).isTrue());
    }
  }

  @Test
  void whereNobodyListensNobodyIsReached() throws Exception {
    try (var client = new ApiClient()) {
      var url = url(LiveServer.freePort());
      assertThat(client.patroni(url).join())
          .isInstanceOfSatisfying(
              Reply.Unreachable.class,
              reply -> assertThat(reply.reason()).contains(url.toString(), "ConnectException"));
    }
  }

  @Test
  void aServerThatAcceptsAndIsSilentIsGivenUp() throws Exception {
    try (var socket = new ServerSocket(0, 5, LOOPBACK);
        var client = new ApiClient()) {
      var start = System.nanoTime();
      assertThat(client.cluster(url(socket.getLocalPort())).join())
          .isInstanceOf(Reply.Unreachable.class);
      assertThat(System.nanoTime() - start).isLessThan(2 * ApiClient.TIMEOUT.toNanos());
    }
  }

  @Test
  void aServerThatStopsInTheBodyIsGivenUp() throws Exception {
    assertThat(replyTo("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"))
        .isInstanceOf(Reply.Unreachable.class);
  }

  @Test
  void aServerThatIsNoAgentIsToldApart() throws Exception {
    assertThat(replyTo("HTTP/1.0 404 Not Found\r\nContent-Length: 6\r\n\r\n<html>"))
        .isEqualTo(new Reply.NotJson(404, "<html>"));
  }

  private static Reply replyTo(String bytes) throws Exception {
    try (var socket = new ServerSocket(0, 5, LOOPBACK);
        var client = new ApiClient()) {
      CompletableFuture<Reply> reply = client.patroni(url(socket.getLocalPort()));
      try (var connection = new LiveServer.Connection(socket.accept())) {
        connection.head();
        connection.send(bytes);
        return reply.join();
      }
    }
  }

  private static URI url(int port) {
    return URI.create("http://127.0.0.1:" + port + "/patroni");
  }
}
