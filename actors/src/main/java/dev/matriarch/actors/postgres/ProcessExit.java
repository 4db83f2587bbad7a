package dev.matriarch.actors.postgres;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/**
 * Waits for the end of a process that need not be our child. Each watch has a thread of its own
 * that sleeps in the kernel until then.
 */
public final class ProcessExit {
  private static final Duration POLL = Duration.ofMillis(20);
  private static final int STACK_BYTES = 256 * 1024;

  private ProcessExit() {}

  /** A future that is completed when the process has ended, at once if it has already. */
  public static CompletableFuture<ProcessId> watch(ProcessId process) {
    var ended = new CompletableFuture<ProcessId>();
    var fd = PosixCalls.pidfdOpen(process.pid());
    // Looked at only after the descriptor is open: from then on it is that process or none.
    if (!process.alive()) {
      closeIfOpen(fd);
      ended.complete(process);
      return ended;
    }
    Thread.ofPlatform()
        .daemon()
        .name("exit of " + process.pid())
        .stackSize(STACK_BYTES)
        .start(() -> {
          if (fd < 0 || PosixCalls.awaitReadable(fd) < 0) {
            pollUntilGone(process);
          }
          closeIfOpen(fd);
          ended.complete(process);
        });
    return ended;
  }

  /**
   * Waits for the end.
   *
   * @return whether it came within the time
   * @throws InterruptedException if the operation is cancelled
   */
  static boolean await(ProcessId process, Duration timeout) throws InterruptedException {
    return await(watch(process), timeout);
  }

  /** As {@link #await(ProcessId, Duration)}, on a watch that exists. */
  static boolean await(CompletableFuture<ProcessId> exit, Duration timeout)
      throws InterruptedException {
    try {
      var _ = exit.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /** For kernels before 5.3, and containers that forbid pidfd_open. */
  private static void pollUntilGone(ProcessId process) {
    while (process.alive()) {
      LockSupport.parkNanos(POLL.toNanos());
    }
  }

  private static void closeIfOpen(int fd) {
    if (fd >= 0) {
      PosixCalls.close(fd);
    }
  }
}
