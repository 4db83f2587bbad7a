package dev.matriarch.deploy.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/**
 * Where an agent can be asked: addresses given by hand, or the file of an agent.
 *
 * <p>The file tells the REST address of its own node only. The hosts of the other members are tried
 * with the same port, since most clusters have one REST port everywhere.
 */
public final class Connection {
  /** The name under which the root command holds the options that stand before a command. */
  public static final String GLOBAL = "connection";

  private static final String ETC = "/etc/matriarch/matriarch.yml";

  @Option(
      names = {"-c", "--config-file"},
      paramLabel = "FILE",
      description = "The configuration of an agent (or PATRONICTL_CONFIG_FILE).")
  private Optional<Path> file = Optional.empty();

  @Option(
      names = "--url",
      paramLabel = "URL",
      description = "The REST API of an agent, http://10.0.0.1:8008; may be repeated.")
  private List<String> urls = new ArrayList<>();

  /** Whether the operator said where an agent is. */
  boolean isGiven() {
    return file.isPresent() || !urls.isEmpty();
  }

  /**
   * The addresses to try, in this order.
   *
   * @throws CliFailure when there is none, or the file cannot be used
   */
  List<URI> addresses(Map<String, String> environment) {
    if (!urls.isEmpty()) {
      return urls.stream().map(Connection::address).toList();
    }
    return addresses(
        file.or(() -> defaultFile(environment))
            .orElseThrow(() ->
                new CliFailure(
                    "no agent to ask: give --url http://HOST:8008, or -c FILE with an agent's"
                        + " configuration")));
  }

  /** What an agent wants to see before it changes something, if the file tells it. */
  Optional<String> authorization(Map<String, String> environment) {
    return file.or(() -> defaultFile(environment))
        .flatMap(it -> {
          var settings = read(it);
          return login(settings.path("ctl")).or(() -> login(settings.path("restapi")));
        });
  }

  private static Optional<String> login(JsonNode section) {
    var login = section.path("authentication");
    var pair = "%s:%s".formatted(login.path("username").asText(), login.path("password").asText());
    return login.isObject()
        ? Optional.of(
            "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)))
        : Optional.empty();
  }

  private static Optional<Path> defaultFile(Map<String, String> environment) {
    var named = environment.getOrDefault("PATRONICTL_CONFIG_FILE", "");
    if (!named.isEmpty()) {
      return Optional.of(Path.of(named));
    }
    var home = environment.getOrDefault("HOME", "");
    return Stream.of(Path.of(home, ".config/patroni/patronictl.yaml"), Path.of(ETC))
        .filter(Files::isReadable)
        .findFirst();
  }

  private static List<URI> addresses(Path file) {
    var settings = read(file);
    var own = settings.path("restapi").path("connect_address").asText("");
    if (own.isEmpty()) {
      own = settings.path("restapi").path("listen").asText("");
    }
    if (own.isEmpty()) {
      throw new CliFailure(file + ": restapi.connect_address is missing; give --url instead");
    }
    var first = address(own);
    var found = new LinkedHashSet<>(List.of(first));
    settings
        .path("cluster")
        .path("members")
        .forEach(member ->
            found.add(address(address(member.asText()).getHost() + ":" + first.getPort())));
    return List.copyOf(found);
  }

  private static JsonNode read(Path file) {
    try {
      return new YAMLMapper().readTree(Files.readString(file));
    } catch (IOException failure) {
      throw new CliFailure("cannot read " + file + ": " + failure);
    }
  }

  /** The root of the API behind {@code host:port} or an URL with any path. */
  static URI address(String text) {
    var full = text.contains("://") ? text : "http://" + text;
    try {
      var parsed = URI.create(full);
      if (parsed.getHost() != null && parsed.getScheme().matches("https?")) {
        var port = parsed.getPort() < 0 ? "" : ":" + parsed.getPort();
        return URI.create(parsed.getScheme() + "://" + parsed.getHost() + port);
      }
    } catch (IllegalArgumentException notAnAddress) {
      throw new CliFailure(notAnAddress(text));
    }
    throw new CliFailure(notAnAddress(text));
  }

  private static String notAnAddress(String text) {
    return "\"" + text + "\" is no address of an agent; it looks like http://10.0.0.1:8008";
  }
}
