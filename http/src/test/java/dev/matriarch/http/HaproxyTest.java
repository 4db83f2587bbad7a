package dev.matriarch.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A real HAProxy, whose checks decide where its connections go. */
@EnabledIf("isInstalled")
class HaproxyTest {
  private static final Path HAPROXY = Path.of("/usr/sbin/haproxy");
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir private Path folder;

  static boolean isInstalled() {
    return Files.isExecutable(HAPROXY);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "option httpchk OPTIONS /%s",
        "option httpchk HEAD /%s",
        "option httpchk GET /%s",
        "option httpchk\n  http-check send meth OPTIONS uri /%s ver HTTP/1.1 hdr Host check",
        "option httpchk\n  http-check send meth OPTIONS uri /%s ver HTTP/1.1",
      })
  void checksFollowTheRoles(String check) throws Exception {
    try (var first = LiveServer.start(Views.leader().view());
        var second = LiveServer.start(Views.replica().view())) {
      var process = start(check, first, second);
      try {
        awaitStates(process, "first=UP second=DOWN", "first=DOWN second=UP");
        first.show(Views.replica().view());
        second.show(Views.leader().view());
        awaitStates(process, "first=DOWN second=UP", "first=UP second=DOWN");
      } finally {
        process.destroyForcibly().waitFor();
      }
    }
  }

  @Test
  void aNodeWhoseLeaseRanOutIsTakenOut() throws Exception {
    try (var first = LiveServer.start(Views.leader().view());
        var second = LiveServer.start(Views.leader().holdsLease(false).view())) {
      var process = start("option httpchk OPTIONS /%s", first, second);
      try {
        awaitStates(process, "first=UP second=DOWN", "first=DOWN second=DOWN");
      } finally {
        process.destroyForcibly().waitFor();
      }
    }
  }

  private Process start(String check, LiveServer first, LiveServer second) throws IOException {
    var config = folder.resolve("haproxy.cfg");
    Files.writeString(
        config,
        """
        global
          stats socket %s mode 600
        defaults
          mode tcp
          timeout connect 2s
          timeout client 2s
          timeout server 2s
          timeout check 2s
        backend primary
          %s
          http-check expect status 200
          default-server inter 100 fastinter 100 downinter 100 fall 1 rise 1
          server first 127.0.0.1:1 check port %d
          server second 127.0.0.1:1 check port %d
        backend replicas
          %s
          http-check expect status 200
          default-server inter 100 fastinter 100 downinter 100 fall 1 rise 1
          server first 127.0.0.1:1 check port %d
          server second 127.0.0.1:1 check port %d
        """
            .formatted(
                folder.resolve("stats"),
                check.formatted("primary"),
                first.port(),
                second.port(),
                check.formatted("replica"),
                first.port(),
                second.port()));
    return new ProcessBuilder(HAPROXY.toString(), "-db", "-f", config.toString())
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("haproxy.log").toFile())
        .start();
  }

  /** Waits until both backends see the servers so. */
  private void awaitStates(Process process, String primary, String replicas) throws Exception {
    var expected = "primary: %s; replicas: %s".formatted(primary, replicas);
    var deadline = System.nanoTime() + PATIENCE.toNanos();
    var seen = "";
    while (!seen.equals(expected)) {
      // Waiting for the end of the process is the pause between two looks.
      assertThat(process.waitFor(50, TimeUnit.MILLISECONDS)).as(this::log).isFalse();
      seen = "primary: %s; replicas: %s".formatted(states("primary"), states("replicas"));
      assertThat(System.nanoTime())
          .as(() -> "expected " + expected + "\n" + log())
          .isLessThan(deadline);
    }
  }

  private String states(String backend) throws IOException {
    return statistics()
        .lines()
        .map(line -> line.split(",", -1))
        .filter(field -> field[0].equals(backend) && !field[1].equals("BACKEND"))
        .map(field -> field[1] + "=" + field[17])
        .collect(Collectors.joining(" "));
  }

  private String statistics() throws IOException {
    var address = UnixDomainSocketAddress.of(folder.resolve("stats"));
    try (var channel = SocketChannel.open(address)) {
      channel.write(ByteBuffer.wrap("show stat\n".getBytes(StandardCharsets.UTF_8)));
      var in = Channels.newInputStream(channel);
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (SocketException _) {
      // Not there yet.
      return "";
    }
  }

  private String log() {
    try {
      return Files.readString(folder.resolve("haproxy.log"));
    } catch (IOException e) {
      return e.toString();
    }
  }
}
