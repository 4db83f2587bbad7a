package dev.matriarch.persistence.plugin;

import dev.matriarch.persistence.file.StateFile;
import dev.matriarch.protocol.election.VoterState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.Done;
import org.apache.pekko.persistence.state.javadsl.DurableStateUpdateStore;
import org.apache.pekko.persistence.state.javadsl.GetObjectResult;

/**
 * The one state of one voter, in a file, with a thread of its own for the disk.
 *
 * <p>An answer means that the state is durable. A file that cannot be opened is not tried again.
 */
final class FileDurableStateStore implements DurableStateUpdateStore<Object> {
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

  private final String persistenceId;
  private final ExecutorService writer =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("matriarch-voter-store").factory());
  private final Callable<StateFile> open;
  private Optional<StateFile> file = Optional.empty();
  private Optional<String> unusable = Optional.empty();

  FileDurableStateStore(String persistenceId, Callable<StateFile> open) {
    this.persistenceId = persistenceId;
    this.open = open;
  }

  @Override
  public CompletionStage<GetObjectResult<Object>> getObject(String id) {
    return onWriter(
        id,
        () -> {
          var stored = file().stored();
          return new GetObjectResult<>(Optional.of(stored.state()), stored.revision());
        });
  }

  @Override
  public CompletionStage<Done> upsertObject(String id, long revision, Object value, String tag) {
    return onWriter(
        id,
        () -> {
          if (!(value instanceof VoterState state)) {
            throw new IllegalArgumentException("not a voter's state: " + value.getClass());
          }
          file().save(revision, state);
          return Done.getInstance();
        });
  }

  @Override
  @SuppressWarnings("deprecation")
  public CompletionStage<Done> deleteObject(String id) {
    return CompletableFuture.failedFuture(
        new UnsupportedOperationException("a voter's state is never deleted"));
  }

  @Override
  public CompletionStage<Done> deleteObject(String id, long revision) {
    return deleteObject(id);
  }

  private StateFile file() throws Exception {
    if (unusable.isPresent()) {
      throw new IOException(unusable.get());
    }
    if (file.isEmpty()) {
      try {
        file = Optional.of(open.call());
      } catch (Exception e) {
        unusable = Optional.of(String.valueOf(e.getMessage()));
        throw e;
      }
    }
    return file.get();
  }

  private <T> CompletionStage<T> onWriter(String id, Callable<T> work) {
    if (!id.equals(persistenceId)) {
      return CompletableFuture.failedFuture(
          new IllegalArgumentException(
              "this store holds only '%s', not '%s'".formatted(persistenceId, id)));
    }
    var result = new CompletableFuture<T>();
    writer.execute(() -> {
      try {
        result.complete(work.call());
      } catch (Throwable e) {
        result.completeExceptionally(e);
      }
    });
    return result;
  }

  /** Lets the write under way end, then gives the file free. */
  void close() {
    writer.execute(this::closeFile);
    writer.shutdown();
    try {
      if (!writer.awaitTermination(CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
        // The disk hangs. The thread is a daemon, the lock ends with the process.
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void closeFile() {
    try {
      if (file.isPresent()) {
        file.get().close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
