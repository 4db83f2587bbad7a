package dev.matriarch.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

final class ConnectionTest {
  @TempDir private Path folder = Path.of("");

  private static Connection parsed(String... arguments) {
    var connection = new Connection();
    new CommandLine(connectionCommand(connection)).parseArgs(arguments);
    return connection;
  }

  private static CommandLine.Model.CommandSpec connectionCommand(Connection connection) {
    return CommandLine.Model.CommandSpec.create()
        .addMixin("connection", CommandLine.Model.CommandSpec.forAnnotatedObject(connection));
  }

  private Path file(String yaml) throws IOException {
    return Files.writeString(folder.resolve("agent.yml"), yaml);
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.1:8008, http://10.0.0.1:8008",
    "http://db1:8008/patroni, http://db1:8008",
    "https://db1, https://db1",
    "[::1]:8008, http://[::1]:8008",
  })
  void anAddressMayBeGivenInAnyForm(String given, String expected) {
    assertThat(Connection.address(given)).isEqualTo(URI.create(expected));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "ftp://db1", "http://", "a b", ":8008"})
  void whatIsNoAddressIsRefusedWithAnExample(String given) {
    assertThatThrownBy(() -> Connection.address(given))
        .isInstanceOf(CliFailure.class)
        .hasMessageContaining("it looks like http://10.0.0.1:8008");
  }

  @Test
  void anAgentsFileTellsItsAddressAndTheHostsOfTheOthers() throws IOException {
    var file =
        file(
            """
            scope: main
            restapi: {listen: '0.0.0.0:8008', connect_address: '10.0.0.2:8008'}
            cluster:
              members: {db1: '10.0.0.1:7400', db2: '10.0.0.2:7400', db3: '10.0.0.3:7400'}
            """);

    assertThat(parsed("-c", file.toString()).addresses(Map.of()))
        .containsExactly(
            URI.create("http://10.0.0.2:8008"),
            URI.create("http://10.0.0.1:8008"),
            URI.create("http://10.0.0.3:8008"));
  }

  @Test
  void theFileMayBeNamedInTheEnvironment() throws IOException {
    var file = file("restapi: {connect_address: 'db1:8008'}");

    assertThat(parsed().addresses(Map.of("PATRONICTL_CONFIG_FILE", file.toString())))
        .containsExactly(URI.create("http://db1:8008"));
  }

  @Test
  void aFileWithoutAnAddressIsNamed() throws IOException {
    var file = file("scope: main");

    assertThatThrownBy(() -> parsed("-c", file.toString()).addresses(Map.of()))
        .hasMessage(file + ": restapi.connect_address is missing; give --url instead");
  }

  @Test
  void aFileThatIsNotThereIsNamed() {
    assertThatThrownBy(() -> parsed("-c", "/nonexistent.yml").addresses(Map.of()))
        .isInstanceOf(CliFailure.class)
        .hasMessageContaining("cannot read /nonexistent.yml");
  }
}
