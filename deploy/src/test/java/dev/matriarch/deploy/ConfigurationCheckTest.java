package dev.matriarch.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ConfigurationCheckTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir private Path folder = Path.of("");

  private int validate(Path file) {
    return Matriarch.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute("--validate-config", file.toString());
  }

  @Test
  void theFileThatComesWithTheDistributionIsValid() {
    assertThat(validate(Path.of("src/main/dist/conf/matriarch.yml"))).isZero();
    assertThat(out.toString()).isEqualToIgnoringNewLines("the configuration is valid");
  }

  @Test
  void everyProblemHasItsLineOnStandardError() throws IOException {
    var file = Files.writeString(folder.resolve("bad.yml"), "scope: main\n");

    assertThat(validate(file)).isEqualTo(1);
    assertThat(out.toString()).isEmpty();
    assertThat(err.toString().lines())
        .anyMatch(line -> line.contains("name is missing"))
        .anyMatch(line -> line.contains("cluster.data_dir is missing"));
  }

  @Test
  void aFileThatIsNotThereIsAProblem() {
    assertThat(validate(folder.resolve("none.yml"))).isEqualTo(1);
    assertThat(err.toString()).contains("none.yml");
  }
}
