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

  List<Step> steps() {
    return List.copyOf(steps);
  }

  void acknowledged(String content) {
    steps.add(new Step.Acknowledged(content));
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
    if (files.putIfAbsent(file, new byte[0]) != null) {
      throw new FileAlreadyExistsException(file.toString());
    }
    var number = outputs++;
    steps.add(new Step.Create(number, file));
    return new Output() {
      @Override
      public void write(byte[] content) {
        steps.add(new Step.Write(number, new String(content, StandardCharsets.ISO_8859_1)));
        files.put(file, content.clone());
      }

      @Override
      public void fsync() {
        steps.add(new Step.Fsync(number));
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    var content = files.remove(from);
    if (content == null) {
      throw new FileNotFoundException(from.toString());
    }
    files.put(to, content);
    steps.add(new Step.Rename(from, to));
  }

  @Override
  public void deleteIfExists(Path file) {
    if (files.remove(file) != null) {
      steps.add(new Step.Delete(file));
    }
  }

  @Override
  public void fsyncDirectory(Path directory) {
    steps.add(new Step.FsyncDirectory());
  }
}
