package dev.matriarch.actors.postgres;

import dev.matriarch.protocol.model.Endpoint;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;

/**
 * Shows that the postmaster has finished what it was at, by having it fork a process: it does one
 * thing after the other.
 *
 * <p>A connection that says nothing is enough: whoever is forked for it sees the end of input and
 * ends without a word in the log, also when all connections are taken or the server is starting.
 */
final class PostmasterTurn {
  private PostmasterTurn() {}

  /**
   * Waits for the postmaster's next turn.
   *
   * @return false: it did not come in time, or there is no postmaster
   */
  static boolean await(Endpoint server, Duration timeout) {
    var millis = Math.toIntExact(Math.max(1, timeout.toMillis()));
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress(server.host(), server.port()), millis);
      socket.setSoTimeout(millis);
      socket.shutdownOutput();
      // Its end, or a complaint that there are too many connections: both come from the fork.
      var _ = socket.getInputStream().read();
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
