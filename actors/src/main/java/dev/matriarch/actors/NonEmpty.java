package dev.matriarch.actors;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether a directory holds anything. */
final class NonEmpty {
  private NonEmpty() {}

  static boolean is(Path directory) throws IOException {
    if (Files.notExists(directory)) {
      return false;
    }
    try (var entries = Files.list(directory)) {
      return entries.anyMatch(it -> !it.getFileName().toString().equals("lost+found"));
    }
  }
}
