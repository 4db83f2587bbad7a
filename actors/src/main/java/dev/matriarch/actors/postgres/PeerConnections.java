package dev.matriarch.actors.postgres;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;

/**
 * This process's connections to other agents.
 *
 * <p>What TCP sends in vain it sends again after a time that doubles, up to two minutes (RFC 6298):
 * after a cut of ten seconds a connection may be silent for ten more. So one over which nothing
 * gets through is ended ({@code TCP_USER_TIMEOUT}, RFC 5482), and a new one is tried again and
 * again. Java does not know that option, nor Pekko its descriptors; so all of the process are
 * looked through.
 */
public final class PeerConnections {
  /** Longer than any machine takes to acknowledge; its programs have no part in that. */
  private static final Duration UNACKNOWLEDGED_MAX = Duration.ofSeconds(1);

  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

  private PeerConnections() {}

  /**
   * Sets the limit where it is not set yet.
   *
   * @param ports on which the others listen
   * @return how many connections to them there are
   * @throws IOException if the descriptors of this process cannot be listed
   */
  public static int limit(Set<Integer> ports) throws IOException {
    var count = 0;
    try (var descriptors = Files.newDirectoryStream(DESCRIPTORS)) {
      for (var descriptor : descriptors) {
        var fd = Integer.parseInt(descriptor.getFileName().toString());
        if (ports.contains(PosixCalls.peerPort(fd))
            && PosixCalls.limitUnacknowledged(fd, Math.toIntExact(UNACKNOWLEDGED_MAX.toMillis()))
                >= 0) {
          count++;
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return count;
  }
}
