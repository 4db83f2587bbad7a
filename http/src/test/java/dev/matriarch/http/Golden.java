package dev.matriarch.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Compares with {@code src/test/resources/golden}; {@code -Dgolden.rewrite=true} writes the files
 * anew, for a person to read the difference.
 */
final class Golden {
  private static final Path FOLDER = Path.of("src/test/resources/golden");

  private Golden() {}

  static void assertMatches(String file, String actual) throws IOException {
    var path = FOLDER.resolve(file);
    if (Boolean.getBoolean("golden.rewrite")) {
      Files.writeString(path, actual + "\n");
    }
    assertThat(actual + "\n").isEqualTo(Files.readString(path));
  }
}
