package dev.matriarch.persistence.file;

import java.io.Closeable;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A disk in memory that writes down each step; see {@link CrashedDisks}. */
final class RecordingDisk implements Disk {
  private final Map<Path, byte[]> files;
  private final List<Step> steps = new ArrayList<>();
  private int outputs;
  private int stepsMax = Integer.MAX_VALUE;

  /** What was done. Files under work are numbered, since their names may change. */
  sealed interface Step {
    record Create(int output, Path name) implements Step {}

    /** Each character is a byte. */
    record Write(int output, String content) implements Step {}

    record Fsync(int output) implements Step {}

    record Rename(Path from, Path to) implements Step {}

    record Delete(Path name) implements Step {}

    record FsyncDirectory() implements Step {}

    /** The caller was told that {@code content} is durable. */
    record Acknowledged(String content) implements Step {}
  }

  RecordingDisk(Map<Path, byte[]> files) {
    this.files = new HashMap<>(files);
  }

  /** The process dies when it would take a step more than these; the disk stays as it is. */
  void killAfter(int steps) {
    stepsMax = steps;
  }

  /** Another process goes on with the disk. */
  void restart() {
    stepsMax = Integer.MAX_VALUE;
  }

  private void record(Step step) throws IOException {
    if (steps.size() >= stepsMax) {
      throw new IOException("killed");
    }
    steps.add(step);
  }

  List<Step> steps() {
    return List.copyOf(steps);
  }

  void acknowledged(String content) throws IOException {
    record(new Step.Acknowledged(content));
  }

  @Override
  public void createDirectories(Path directory) {}

  @Override
  public Closeable lock(Path file) {
    return () -> {};
  }

  @Override
  public Optional<byte[]> read(Path file) {
    return Optional.ofNullable(files.get(file));
  }

  @Override
  public Output create(Path file) throws IOException {
    if (files.containsKey(file)) {
      throw new FileAlreadyExistsException(file.toString());
    }
    record(new Step.Create(outputs, file));
    files.put(file, new byte[0]);
    var number = outputs++;
    return new Output() {
      @Override
      public void write(byte[] content) throws IOException {
        record(new Step.Write(number, new String(content, StandardCharsets.ISO_8859_1)));
        files.put(file, content.clone());
      }

      @Override
      public void fsync() throws IOException {
        record(new Step.Fsync(number));
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    var content = files.get(from);
    if (content == null) {
      throw new FileNotFoundException(from.toString());
    }
    record(new Step.Rename(from, to));
    files.remove(from);
    files.put(to, content);
  }

  @Override
  public void deleteIfExists(Path file) throws IOException {
    if (files.containsKey(file)) {
      record(new Step.Delete(file));
      files.remove(file);
    }
  }

  @Override
  public void fsyncDirectory(Path directory) throws IOException {
    record(new Step.FsyncDirectory());
  }
}
