package dev.matriarch.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files of this package's test resources; {@code -Dgolden.rewrite=true} writes outputs anew. */
final class Golden {
  private static final Path FOLDER = Path.of("src/test/resources/dev/matriarch/deploy/cli");

  private Golden() {}

  static String read(String name) throws IOException {
    return Files.readString(FOLDER.resolve(name));
  }

  static void check(String name, String actual) throws IOException {
    if (Boolean.getBoolean("golden.rewrite")) {
      Files.writeString(FOLDER.resolve(name), actual);
    }
    assertThat(actual).isEqualTo(read(name));
  }
}
