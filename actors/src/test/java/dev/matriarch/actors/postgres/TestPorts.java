package dev.matriarch.actors.postgres;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;

/**
 * Ports of 127.0.0.1 for servers that are started and started again. They are below the range that
 * the kernel gives to clients, one of whom could have a port of it while the server is down.
 */
public final class TestPorts {
  private static final int FIRST = 15_000;
  private static final int LAST = 31_000;
  private static final int FORKS = 16;

  /** Of the processes in which the build runs tests at a time; each has ports of its own. */
  private static final int FORK = Integer.getInteger("test.fork", 1) % FORKS;

  private static final Random RANDOM = new Random();
  private static final Set<Integer> GIVEN = new HashSet<>();

  private TestPorts() {}

  /** One that nobody listens on, and that was not given before. */
  public static synchronized int next() {
    while (true) {
      var port = FIRST + RANDOM.nextInt((LAST - FIRST) / FORKS) * FORKS + FORK;
      if (isFree(port) && GIVEN.add(port)) {
        return port;
      }
    }
  }

  private static boolean isFree(int port) {
    try (var socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.isBound();
    } catch (IOException taken) {
      return false;
    }
  }
}
