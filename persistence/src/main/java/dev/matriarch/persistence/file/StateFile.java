package dev.matriarch.persistence.file;

import dev.matriarch.protocol.election.StoreId;
import dev.matriarch.protocol.election.VoterState;
import dev.matriarch.protocol.model.NodeId;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.UUID;

/**
 * The file that holds what a voter must not forget; held by one process at a time.
 *
 * <p>What it tells is durable, and it never forgets: a write that failed, or that would take a
 * promise back, is its last one. What is on disk after a failed write is unknown until the file is
 * opened again. Blocks; for one thread.
 */
public final class StateFile implements Closeable {
  private static final SecureRandom RANDOM = new SecureRandom();

  private final Path path;
  private final StateDocument document;
  private final AtomicFile file;
  private final Closeable lock;
  private Stored stored;
  private Optional<String> broken = Optional.empty();

  private StateFile(
      Path path, StateDocument document, AtomicFile file, Closeable lock, Stored stored) {
    this.path = path;
    this.document = document;
    this.file = file;
    this.lock = lock;
    this.stored = stored;
  }

  /**
   * Opens the file, or begins a new store where there is none.
   *
   * @throws FileInUseException if another agent has it open
   * @throws UnusableFileException if it is damaged or not this node's; it stays as it is
   * @throws IOException if it cannot be read or written
   */
  public static StateFile open(Disk disk, Path path, String scope, NodeId node) throws IOException {
    var absolute = path.toAbsolutePath();
    try {
      disk.createDirectories(FileDisk.parentOf(absolute));
      var lock = disk.lock(absolute);
      try {
        var document = new StateDocument(absolute, scope, node);
        var file = new AtomicFile(disk, absolute);
        var stored = readOrBegin(document, file, node);
        return new StateFile(absolute, document, file, lock, stored);
      } catch (IOException | RuntimeException e) {
        lock.close();
        throw e;
      }
    } catch (FileInUseException | UnusableFileException e) {
      throw e;
    } catch (IOException e) {
      throw new IOException("cannot use %s: %s".formatted(absolute, describe(e)), e);
    }
  }

  private static Stored readOrBegin(StateDocument document, AtomicFile file, NodeId node)
      throws IOException {
    var found = file.read();
    var stored = found.isPresent() ? document.decode(found.get()) : fresh(node);
    file.removeLeftOver();
    // Also what was found: it may have been read from memory after a crash, or a failed fsync,
    // between the rename and its becoming durable.
    file.replace(found.isPresent() ? found.get() : document.encode(stored));
    return stored;
  }

  private static Stored fresh(NodeId node) {
    var store = new StoreId(UUID.randomUUID().toString());
    return new Stored(1, VoterState.fresh(node, store, RANDOM.nextLong()));
  }

  /** What is on disk. */
  public Stored stored() {
    return stored;
  }

  /**
   * Durable on return.
   *
   * @throws IOException if it was not written, or an earlier write failed
   * @throws IllegalArgumentException if {@code revision} is not the stored one plus 1
   * @throws IllegalStateException if the state is another store's or takes a promise back
   */
  public void save(long revision, VoterState state) throws IOException {
    if (broken.isPresent()) {
      throw new IOException(broken.get());
    }
    if (revision != stored.revision() + 1) {
      throw new IllegalArgumentException(
          "%s has revision %d, cannot write %d".formatted(path, stored.revision(), revision));
    }
    var complete = false;
    try {
      refuseForgetting(state);
      var next = new Stored(revision, state);
      file.replace(document.encode(next));
      stored = next;
      complete = true;
    } catch (IOException e) {
      broken = Optional.of("cannot write %s: %s".formatted(path, describe(e)));
      throw new IOException(broken.get(), e);
    } finally {
      if (!complete && broken.isEmpty()) {
        broken = Optional.of("an earlier write of %s failed".formatted(path));
      }
    }
  }

  /** What the operating system said; some exceptions have only a path for a message. */
  private static String describe(IOException e) {
    return e instanceof FileSystemException
        ? e.getClass().getSimpleName() + " " + e.getMessage()
        : String.valueOf(e.getMessage());
  }

  private void refuseForgetting(VoterState state) {
    var old = stored.state();
    if (!state.voter().equals(old.voter()) || old.promised().isAbove(state.promised())) {
      throw new IllegalStateException(
          "%s has store %s and promise %s, cannot go to store %s and promise %s"
              .formatted(path, old.voter(), old.promised(), state.voter(), state.promised()));
    }
  }

  @Override
  public void close() throws IOException {
    lock.close();
  }
}
