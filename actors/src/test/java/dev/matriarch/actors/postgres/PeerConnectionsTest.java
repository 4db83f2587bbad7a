package dev.matriarch.actors.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PeerConnectionsTest {
  @Test
  void onlyConnectionsToOtherAgentsAreLimited() throws IOException {
    try (var agent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        var other = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      var ports = Set.of(agent.getLocalPort());
      assertThat(PeerConnections.limit(ports)).isZero();
      try (var channel =
              SocketChannel.open(
                  new InetSocketAddress(agent.getInetAddress(), agent.getLocalPort()));
          var socket = new Socket(agent.getInetAddress(), agent.getLocalPort());
          var another = new Socket(other.getInetAddress(), other.getLocalPort());
          var accepted = agent.accept()) {
        assertThat(PeerConnections.limit(ports)).isEqualTo(2);
        assertThat(PeerConnections.limit(ports)).as("again and again").isEqualTo(2);
        assertThat(channel.isConnected() && socket.isConnected()).isTrue();
        assertThat(accepted.isConnected() && another.isConnected()).isTrue();
        socket.getOutputStream().write("still works".getBytes(StandardCharsets.US_ASCII));
      }
    }
  }

  @Test
  void whatIsNoConnectionHasNoPort() {
    assertThat(PosixCalls.peerPort(0)).isNegative();
    assertThat(PosixCalls.peerPort(1_000_000)).isNegative();
  }
}
