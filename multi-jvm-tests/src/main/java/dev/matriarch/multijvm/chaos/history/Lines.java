package dev.matriarch.multijvm.chaos.history;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** A file with one JSON object a line. */
final class Lines implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private final BufferedReader reader;
  private int number;

  private Lines(Path file, BufferedReader reader) {
    this.file = file;
    this.reader = reader;
  }

  static void write(Path file, List<?> objects) throws IOException {
    try (var writer = Files.newBufferedWriter(file)) {
      for (var object : objects) {
        writer.write(JSON.writeValueAsString(object));
        writer.newLine();
      }
    }
  }

  static Lines open(Path file) throws IOException {
    return new Lines(file, Files.newBufferedReader(file));
  }

  /** Empty at the end. */
  <T> Optional<T> next(Class<T> type) throws IOException {
    var line = reader.readLine();
    if (line == null) {
      return Optional.empty();
    }
    number++;
    try {
      return Optional.of(JSON.readValue(line, type));
    } catch (JsonProcessingException e) {
      throw new IOException(
          "line %d of %s is no %s: %s"
              .formatted(number, file, type.getSimpleName(), e.getOriginalMessage()),
          e);
    }
  }

  <T> void forEach(Class<T> type, Consumer<T> consumer) throws IOException {
    for (var next = next(type); next.isPresent(); next = next(type)) {
      consumer.accept(next.get());
    }
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}
