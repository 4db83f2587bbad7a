package dev.matriarch.multijvm.chaos.fault;

import dev.matriarch.multijvm.JvmNode;
import dev.matriarch.multijvm.OsProcess;
import dev.matriarch.multijvm.TestCluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Wall clocks that jump, by libfaketime: each node has a file that says how far its clock is off.
 * The monotonic clock is left alone, as it is by an operator's {@code date} or by NTP.
 */
final class ClockFaults {
  private static final List<Path> LIBRARIES =
      List.of(
          Path.of("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"),
          Path.of("/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1"),
          Path.of("/usr/lib64/faketime/libfaketimeMT.so.1"));

  /** Less than a lease, more than one, and so much that time stamps of logs are of another day. */
  private static final List<Duration> SIZES =
      List.of(
          Duration.ofSeconds(3), Duration.ofMinutes(1), Duration.ofHours(1), Duration.ofHours(25));

  private static final Path SHARED = Path.of("/dev/shm");
  private static final Pattern LEAVING = Pattern.compile("(?:sem\\.)?faketime_[a-z]+_(\\d+)");

  private final Map<String, Path> clocks = new LinkedHashMap<>();
  private final String refusal;

  private ClockFaults(String refusal) {
    this.refusal = refusal;
  }

  private static Optional<Path> library() {
    return LIBRARIES.stream().filter(Files::exists).findFirst();
  }

  /** Puts all that nodes start from now on under clocks that can jump. */
  static ClockFaults of(TestCluster cluster) {
    var faults = new ClockFaults("libfaketime is absent: apt-get install faketime");
    library()
        .ifPresent(found -> {
          cluster.nodes().forEach(it -> faults.prepare(cluster, it, found));
          cluster.whenItEnds(() -> {}, ClockFaults::tidy);
        });
    return faults;
  }

  /**
   * What processes share is left by the first of them if it is killed; it bears its number. With
   * what a dead one has left under the number that an agent gets next that agent would share
   * nothing, and its servers, which are another user's, could not start.
   */
  private static void tidy() {
    try (var files = Files.list(SHARED)) {
      for (var file : files.toList()) {
        var owner = LEAVING.matcher(file.getFileName().toString());
        if (owner.matches() && !OsProcess.lives(Long.parseLong(owner.group(1)))) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** For a cluster with true clocks. */
  static ClockFaults none() {
    return new ClockFaults("the nodes have the clock of the host");
  }

  private void prepare(TestCluster cluster, JvmNode node, Path library) {
    var file = cluster.folder().resolve(node.name() + ".clock");
    clocks.put(node.name(), file);
    set(file, Duration.ZERO);
    node.beforeStart(ClockFaults::tidy);
    Map.of(
            "LD_PRELOAD", library.toString(),
            "FAKETIME_TIMESTAMP_FILE", file.toString(),
            "FAKETIME_CACHE_DURATION", "1",
            "FAKETIME_DONT_FAKE_MONOTONIC", "1",
            // Without it timed waits of Java return at once.
            "FAKETIME_FORCE_MONOTONIC_FIX", "0",
            // Else who looks at a file holds a lock meanwhile, for ever if it is killed just then.
            "NO_FAKE_STAT", "1",
            "FAKETIME_DONT_RESET", "1")
        .forEach(node::setEnvironment);
  }

  Struck jump(Fault.Jump jump, JvmNode node, long chance) {
    var file = Optional.ofNullable(clocks.get(node.name()));
    if (file.isEmpty()) {
      return new Struck.NotSupported(refusal);
    }
    var size = SIZES.get(Math.floorMod(chance, SIZES.size()));
    var offset =
        switch (jump) {
          case FORWARD -> size;
          case BACK -> size.negated();
        };
    set(file.get(), offset);
    return new Struck.Done(
        Optional.of(node.name()),
        "%s by %s".formatted(node, offset),
        offset,
        () -> set(file.get(), Duration.ZERO));
  }

  private static void set(Path file, Duration offset) {
    try {
      var next = file.resolveSibling(file.getFileName() + ".new");
      Files.writeString(next, "%+d%n".formatted(offset.toSeconds()));
      Files.setPosixFilePermissions(next, PosixFilePermissions.fromString("rw-r--r--"));
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
