package dev.matriarch.actors.postgres;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Sets the time-out of a watchdog device, which the driver keeps until it is opened next (Linux,
 * Documentation/watchdog/watchdog-api.rst).
 *
 * @param standIn a file or a pipe that gets what a device would get; it knows no time-outs
 */
record WatchdogDevice(Path path, boolean standIn) {
  // _IOWR('W', 6, int) and _IOR('W', 7, int) of <linux/watchdog.h>
  private static final long SET_TIMEOUT = 0xC0045706L;
  private static final long GET_TIMEOUT = 0x80045707L;
  private static final Duration BUSY_AT_MOST = Duration.ofSeconds(1);
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  /** What became of the time-out. */
  sealed interface Setting {
    /** As wanted, or shorter. */
    record Set() implements Setting {}

    /** The driver knows no such time-out; {@code how} says what it has instead. */
    record Otherwise(String how) implements Setting {}

    /** The device cannot even be opened. */
    record Unusable(String reason) implements Setting {}
  }

  /**
   * Opens, sets and closes it. The guardian opens it right after: it starts to count then, if it
   * does not already.
   */
  Setting prepare(Duration timeout) {
    var fd = open();
    if (fd < 0) {
      return new Setting.Unusable(
          fd == -PosixCalls.EBUSY
              ? "another program holds %s; for systemd set RuntimeWatchdogSec=off".formatted(path)
              : "%s cannot be opened, errno %d".formatted(path, -fd));
    }
    try {
      return standIn ? new Setting.Set() : set(fd, (int) timeout.toSeconds());
    } finally {
      PosixCalls.write(fd, "V");
      PosixCalls.close(fd);
    }
  }

  private static Setting set(int fd, int seconds) {
    var has = PosixCalls.ioctl(fd, SET_TIMEOUT, seconds);
    if (has < 0) {
      has = PosixCalls.ioctl(fd, GET_TIMEOUT, 0);
    }
    if (has <= 0) {
      return new Setting.Otherwise("does not say after which time it fires");
    }
    return has <= seconds
        ? new Setting.Set()
        : new Setting.Otherwise("fires after %d s".formatted(has));
  }

  /** Whoever has just been told to let go of it needs a moment. */
  private int open() {
    var until = System.nanoTime() + BUSY_AT_MOST.toNanos();
    var name = path.toString();
    while (true) {
      var fd = standIn ? PosixCalls.openForBoth(name) : PosixCalls.openForWriting(name);
      if (fd != -PosixCalls.EBUSY || System.nanoTime() >= until) {
        return fd;
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
  }
}
