package dev.matriarch.multijvm;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import javax.net.SocketFactory;

/**
 * Sockets of a network namespace. A socket stays in the namespace where it was made, so a thread
 * that has entered it makes them for all others; the tests themselves stay where they are.
 *
 * <p>Public, with a constructor of one string, because the JDBC driver makes its own by name.
 */
public final class Sockets extends SocketFactory {
  private static final Map<String, Inside> INSIDE = new ConcurrentHashMap<>();

  /** The thread that is in a namespace, from its first socket on. */
  private static final class Inside {
    private final String namespace;
    private final ExecutorService thread;
    private boolean entered;

    Inside(String namespace) {
      this.namespace = namespace;
      this.thread =
          Executors.newSingleThreadExecutor(
              Thread.ofPlatform().daemon().name("in-" + namespace).factory());
    }

    /** In the thread. */
    Socket socket() throws IOException {
      if (!entered) {
        enter(namespace);
        entered = true;
      }
      var socket = new Socket();
      // Only now the kernel makes one.
      socket.setTcpNoDelay(true);
      return socket;
    }
  }

  private final String namespace;

  /**
   * Sockets of one namespace.
   *
   * @param namespace its name; empty: that of the tests
   */
  public Sockets(String namespace) {
    this.namespace = namespace;
  }

  @Override
  public Socket createSocket() throws IOException {
    if (namespace.isEmpty()) {
      return new Socket();
    }
    try {
      var inside = INSIDE.computeIfAbsent(namespace, Inside::new);
      return inside.thread.submit(inside::socket).get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (ExecutionException | RejectedExecutionException e) {
      throw new IOException("no socket in " + namespace, e);
    }
  }

  /** Ends the thread, which would keep the namespace in being. */
  static void forget(String namespace) {
    var inside = INSIDE.remove(namespace);
    if (inside != null) {
      inside.thread.close();
    }
  }

  private static void enter(String namespace) throws IOException {
    var linker = Linker.nativeLinker();
    var number =
        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT);
    var numbers =
        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
    try (var arena = Arena.ofConfined()) {
      var open = handle(linker, "open", number);
      var setns = handle(linker, "setns", numbers);
      var close =
          handle(
              linker, "close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
      MemorySegment path = arena.allocateFrom("/run/netns/" + namespace);
      var fd = (int) open.invokeExact(path, 0);
      var entered = fd < 0 ? -1 : (int) setns.invokeExact(fd, 0);
      if (fd >= 0) {
        var _ = (int) close.invokeExact(fd);
      }
      if (entered != 0) {
        throw new IOException("cannot enter the namespace " + namespace);
      }
    } catch (IOException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  @SuppressWarnings("restricted") // The tests are started with native access.
  private static MethodHandle handle(Linker linker, String name, FunctionDescriptor form) {
    return linker.downcallHandle(linker.defaultLookup().find(name).orElseThrow(), form);
  }

  @Override
  public Socket createSocket(String host, int port) throws IOException {
    return createSocket(InetAddress.getByName(host), port);
  }

  @Override
  public Socket createSocket(InetAddress host, int port) throws IOException {
    var socket = createSocket();
    socket.connect(new InetSocketAddress(host, port));
    return socket;
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress from, int fromPort)
      throws IOException {
    return createSocket(InetAddress.getByName(host), port, from, fromPort);
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress from, int fromPort)
      throws IOException {
    var socket = createSocket();
    socket.bind(new InetSocketAddress(from, fromPort));
    socket.connect(new InetSocketAddress(host, port));
    return socket;
  }
}
