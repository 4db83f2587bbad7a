package dev.matriarch.actors.postgres;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;

/**
 * The few calls of the C library that Java does not offer, on 64-bit Linux. Every call returns what
 * the C function returns, or the negative {@code errno}.
 */
final class PosixCalls {
  static final int ENOENT = 2;
  static final int ESRCH = 3;
  static final int ENXIO = 6;
  static final int EAGAIN = 11;
  static final int EBUSY = 16;
  static final int EPIPE = 32;

  /** Only asks whether one could be sent (kill(2)). */
  static final int NO_SIGNAL = 0;

  static final int SIGHUP = 1;
  static final int SIGINT = 2;
  static final int SIGQUIT = 3;
  static final int SIGKILL = 9;
  static final int SIGTERM = 15;
  static final int SIGCONT = 18;
  static final int SIGSTOP = 19;

  private static final int O_WRONLY = 1;
  private static final int O_RDWR = 2;
  private static final int O_NONBLOCK = 0x800;
  private static final int O_CLOEXEC = 0x80000;
  private static final int CLOCK_BOOTTIME = 7;
  private static final int EINTR = 4;
  private static final short AF_INET = 2;
  private static final short AF_INET6 = 10;
  private static final int SOCKADDR_MAX = 128;
  private static final int IPPROTO_TCP = 6;
  private static final int TCP_USER_TIMEOUT = 18;
  private static final long FIONREAD = 0x541B;
  private static final short POLLIN = 1;
  // The numbers of new system calls are the same on every architecture.
  private static final long SYS_PIDFD_OPEN = 434;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");
  private static final StructLayout CALL_STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO_FIELD =
      CALL_STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private static final MethodHandle KILL =
      function("kill", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle CLOSE =
      function("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle OPEN =
      function(
          "open",
          FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT),
          Linker.Option.firstVariadicArg(2));
  private static final MethodHandle WRITE =
      function("write", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
  private static final MethodHandle IOCTL =
      function(
          "ioctl",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS),
          Linker.Option.firstVariadicArg(2));
  private static final MethodHandle POLL =
      function("poll", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
  private static final MethodHandle CLOCK_GETTIME =
      function("clock_gettime", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));
  private static final MethodHandle GETPEERNAME =
      function("getpeername", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
  private static final MethodHandle SETSOCKOPT =
      function(
          "setsockopt",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle GETEUID = function("geteuid", FunctionDescriptor.of(JAVA_INT));
  private static final MethodHandle SYSCALL =
      function(
          "syscall",
          FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT),
          Linker.Option.firstVariadicArg(1));

  private PosixCalls() {}

  /** Sends a signal; 0 only asks whether one could be sent. */
  static int kill(int pid, int signal) {
    return (int) call(state -> (int) KILL.invokeExact(state, pid, signal));
  }

  /** A descriptor that becomes readable when the process ends (Linux 5.3 and newer). */
  static int pidfdOpen(int pid) {
    return (int) call(state -> (long) SYSCALL.invokeExact(state, SYS_PIDFD_OPEN, pid, 0));
  }

  /** Opens a pipe for writing; never waits: {@link #ENXIO} when nobody has it open for reading. */
  static int openForWriting(String path) {
    return open(path, O_WRONLY);
  }

  /** Opens a device, or a pipe that stands in for one and may lack a reader; never waits. */
  static int openForBoth(String path) {
    return open(path, O_RDWR);
  }

  private static int open(String path, int mode) {
    try (var arena = Arena.ofConfined()) {
      var name = arena.allocateFrom(path, StandardCharsets.UTF_8);
      var flags = mode | O_NONBLOCK | O_CLOEXEC;
      return (int) call(state -> (int) OPEN.invokeExact(state, name, flags));
    }
  }

  /** How many bytes of a pipe nobody has read yet. */
  static int unread(int fd) {
    return ioctl(fd, FIONREAD, 0);
  }

  /**
   * A request to a driver that takes a number and leaves one in its place.
   *
   * @return the number that it left
   */
  static int ioctl(int fd, long request, int number) {
    try (var arena = Arena.ofConfined()) {
      var argument = arena.allocate(JAVA_INT);
      argument.set(JAVA_INT, 0, number);
      var result = (int) call(state -> (int) IOCTL.invokeExact(state, fd, request, argument));
      return result < 0 ? result : argument.get(JAVA_INT, 0);
    }
  }

  static long write(int fd, String text) {
    try (var arena = Arena.ofConfined()) {
      var bytes = arena.allocateFrom(text, StandardCharsets.UTF_8);
      var size = bytes.byteSize() - 1;
      return call(state -> (long) WRITE.invokeExact(state, fd, bytes, size));
    }
  }

  static int close(int fd) {
    return (int) call(state -> (int) CLOSE.invokeExact(state, fd));
  }

  /** Waits until the descriptor is readable; blocks its platform thread, which costs no CPU. */
  static int awaitReadable(int fd) {
    try (var arena = Arena.ofConfined()) {
      // struct pollfd { int fd; short events; short revents; }
      var poll = arena.allocate(8, 4);
      poll.set(JAVA_INT, 0, fd);
      poll.set(JAVA_SHORT, 4, POLLIN);
      int result;
      do {
        result = (int) call(state -> (int) POLL.invokeExact(state, poll, 1L, -1));
      } while (result == -EINTR);
      return result;
    }
  }

  /** Nanoseconds since the host's boot, its suspended time included. */
  static long bootNanos() {
    try (var arena = Arena.ofConfined()) {
      var timespec = arena.allocate(16, 8);
      var result = call(state -> (int) CLOCK_GETTIME.invokeExact(state, CLOCK_BOOTTIME, timespec));
      if (result < 0) {
        throw new IllegalStateException(
            "the host has no clock CLOCK_BOOTTIME, errno " + -result + "; Linux is needed");
      }
      return timespec.get(JAVA_LONG, 0) * 1_000_000_000L + timespec.get(JAVA_LONG, 8);
    }
  }

  /** To which port a connection over TCP goes; negative for any other descriptor. */
  static int peerPort(int fd) {
    try (var arena = Arena.ofConfined()) {
      var address = arena.allocate(SOCKADDR_MAX, 4);
      var size = arena.allocate(JAVA_INT);
      size.set(JAVA_INT, 0, SOCKADDR_MAX);
      var result = (int) call(state -> (int) GETPEERNAME.invokeExact(state, fd, address, size));
      var family = address.get(JAVA_SHORT, 0);
      if (result < 0 || (family != AF_INET && family != AF_INET6)) {
        return -1;
      }
      return Short.toUnsignedInt(Short.reverseBytes(address.get(JAVA_SHORT, 2)));
    }
  }

  /** How long what was sent may be without an acknowledgement before the connection ends. */
  static int limitUnacknowledged(int fd, int millis) {
    try (var arena = Arena.ofConfined()) {
      var value = arena.allocateFrom(JAVA_INT, millis);
      var size = (int) JAVA_INT.byteSize();
      return (int)
          call(state ->
              (int) SETSOCKOPT.invokeExact(state, fd, IPPROTO_TCP, TCP_USER_TIMEOUT, value, size));
    }
  }

  static int effectiveUser() {
    return (int) call(state -> (int) GETEUID.invokeExact(state));
  }

  private interface NativeCall {
    long invoke(MemorySegment state) throws Throwable;
  }

  private static long call(NativeCall nativeCall) {
    try (var arena = Arena.ofConfined()) {
      var state = arena.allocate(CALL_STATE);
      var result = nativeCall.invoke(state);
      return result == -1 ? -(int) ERRNO_FIELD.get(state, 0L) : result;
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("a native call failed", e);
    }
  }

  @SuppressWarnings("restricted")
  private static MethodHandle function(
      String name, FunctionDescriptor descriptor, Linker.Option... options) {
    var all = new Linker.Option[options.length + 1];
    System.arraycopy(options, 0, all, 0, options.length);
    all[options.length] = ERRNO;
    var address =
        LINKER
            .defaultLookup()
            .find(name)
            .orElseThrow(() -> new IllegalStateException("the C library has no " + name));
    return LINKER.downcallHandle(address, descriptor, all);
  }
}
