package dev.matriarch.config;

import dev.matriarch.config.YamlValue.Mapping;
import dev.matriarch.config.YamlValue.Nothing;
import dev.matriarch.config.YamlValue.Scalar;
import dev.matriarch.config.YamlValue.Sequence;
import dev.matriarch.protocol.model.Endpoint;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * One section of the file, read key by key. A wrong value is a finding and reads as absent, so that
 * all problems come out at once.
 *
 * <p>A key that was asked for is a known key; {@link #finish} reports the others.
 */
final class Section {

  private final String path;
  private final Mapping mapping;
  private final Findings findings;
  private final Set<String> known = new HashSet<>();

  Section(String path, Mapping mapping, Findings findings) {
    this.path = path;
    this.mapping = mapping;
    this.findings = findings;
  }

  String pathOf(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  int line() {
    return mapping.line();
  }

  /** The key stands in the file, with or without a value. */
  boolean mentions(String key) {
    known.add(key);
    return mapping.entries().containsKey(key);
  }

  Optional<YamlValue> value(String key) {
    known.add(key);
    return Optional.ofNullable(mapping.entries().get(key)).filter(v -> !(v instanceof Nothing));
  }

  Optional<Section> section(String key) {
    var value = value(key);
    if (value.isPresent() && !(value.get() instanceof Mapping)) {
      problem(key, "Write a section here: keys with their values, indented below it.");
    }
    return value
        .filter(Mapping.class::isInstance)
        .map(found -> new Section(pathOf(key), (Mapping) found, findings));
  }

  Section sectionOrEmpty(String key) {
    return section(key)
        .orElseGet(() -> new Section(pathOf(key), new Mapping(Map.of(), line()), findings));
  }

  Optional<String> text(String key) {
    return read(key, "Write a text here.", scalar -> Optional.of(scalar.text()));
  }

  /** A text that must be there. */
  Optional<String> required(String key, String allowed) {
    if (value(key).isEmpty()) {
      missing(key, allowed);
      return Optional.empty();
    }
    return read(key, allowed, scalar -> Optional.of(scalar.text()).filter(t -> !t.isBlank()));
  }

  Optional<Boolean> flag(String key) {
    return read(
        key,
        "Write true or false (on, off, yes and no do as well).",
        s -> Quantity.truth(s.json()));
  }

  int integer(String key, int otherwise, int min, int max) {
    return read(
            key,
            "Write a whole number from %d to %d.".formatted(min, max),
            s -> Quantity.integer(s.json()).filter(number -> number >= min && number <= max))
        .map(Long::intValue)
        .orElse(otherwise);
  }

  long bytes(String key, long otherwise, long min) {
    return read(
            key,
            "Write a size of at least %d bytes, with or without a unit, '25000000' or '25MB'."
                .formatted(min),
            s -> Quantity.bytes(s.json()).filter(size -> size >= min))
        .orElse(otherwise);
  }

  Duration duration(String key, Duration otherwise, Duration min) {
    return read(
            key,
            "Write a time of at least %s, with or without a unit, '90', '90s' or '2min'."
                .formatted(Quantity.shown(min)),
            s -> Quantity.duration(s.json()).filter(time -> time.compareTo(min) >= 0))
        .orElse(otherwise);
  }

  /** Absolute; a leading {@code ~/} is the home of the agent's user. */
  Optional<Path> path(String key) {
    return read(key, "Write the path of a file or directory.", s -> absolute(s.text()));
  }

  Optional<Endpoint> reachable(String key, int defaultPort) {
    return read(
        key,
        "Write one host and a port that the other members can connect to, '10.0.0.1:%d'."
            .formatted(defaultPort),
        s -> ListenAddress.parse(s.text(), defaultPort).flatMap(ListenAddress::reachable));
  }

  /** {@code *} becomes {@code 0.0.0.0}, which in Java means IPv6 too where there is any. */
  Optional<Endpoint> listen(String key, int defaultPort) {
    return read(
            key,
            "Write host:port, '10.0.0.1:%1$d' or '*:%1$d'.".formatted(defaultPort),
            s -> ListenAddress.parse(s.text(), defaultPort).flatMap(ListenAddress::endpoint))
        .map(at -> at.host().equals("*") ? new Endpoint("0.0.0.0", at.port()) : at);
  }

  /** A list of texts. */
  List<String> lines(String key) {
    return read(value(key), key, "Write a list of lines, each beginning with '- '.", Section::texts)
        .orElse(List.of());
  }

  /** Parameters of PostgreSQL: names in lower case, booleans as on and off. */
  SortedMap<String, String> parameters(String key) {
    var result = new TreeMap<String, String>();
    var section = sectionOrEmpty(key);
    for (var name : section.mapping.entries().keySet()) {
      section
          .read(name, "Write one value here, a text or a number.", Section::parameter)
          .ifPresent(value -> result.put(name.toLowerCase(Locale.ROOT), value));
    }
    return result;
  }

  /** Names with texts. */
  Map<String, String> texts(String key) {
    var result = new LinkedHashMap<String, String>();
    var section = sectionOrEmpty(key);
    for (var name : section.mapping.entries().keySet()) {
      section.text(name).ifPresent(value -> result.put(name, value));
    }
    return result;
  }

  /**
   * Options of a program, given as {@code key: value} in a list or a section, or as flags in a
   * list. A flag has an empty value; {@code false} switches it off.
   */
  Map<String, String> options(String key) {
    var allowed = "Write a list of options, '- encoding: UTF8', or flags, '- data-checksums'.";
    return read(value(key), key, allowed, Section::optionsOf).orElse(Map.of());
  }

  /** The keys of this section in the order of the file. */
  List<String> keys() {
    return List.copyOf(mapping.entries().keySet());
  }

  Map<String, Object> object() {
    return mapping.object();
  }

  void missing(String key, String allowed) {
    var line = Optional.ofNullable(mapping.entries().get(key)).map(YamlValue::line).orElse(line());
    findings.problem(pathOf(key), Problem.MISSING, allowed, line);
  }

  void problem(String key, String allowed) {
    var value = Optional.ofNullable(mapping.entries().get(key));
    findings.problem(
        pathOf(key),
        value.map(YamlValue::shown).orElse(Problem.MISSING),
        allowed,
        value.map(YamlValue::line).orElse(line()));
  }

  /** Reports the keys that nobody asked for. */
  void finish(Map<String, String> withoutEffect) {
    for (var key : keys()) {
      if (known.contains(key)) {
        continue;
      }
      if (withoutEffect.containsKey(key)) {
        findings.unused(pathOf(key), withoutEffect.get(key));
      } else {
        findings.warn(unknown(key, withoutEffect.keySet()));
      }
    }
  }

  private String unknown(String key, Set<String> alsoKnown) {
    var all = new HashSet<>(known);
    all.addAll(alsoKnown);
    var meant = NearestKey.of(key, all).map("Did you mean '%s'?"::formatted).orElse("Remove it.");
    return "%s is not a known key and has no effect. %s".formatted(pathOf(key), meant);
  }

  private <T> Optional<T> read(String key, String allowed, Function<Scalar, Optional<T>> reader) {
    return read(
        value(key),
        key,
        allowed,
        value -> value instanceof Scalar scalar ? reader.apply(scalar) : Optional.empty());
  }

  private <T> Optional<T> read(
      Optional<YamlValue> value,
      String key,
      String allowed,
      Function<YamlValue, Optional<T>> reader) {
    var result = value.flatMap(reader);
    if (value.isPresent() && result.isEmpty()) {
      problem(key, allowed);
    }
    return result;
  }

  private static Optional<String> parameter(Scalar scalar) {
    // The text is kept as written, 0600 stays octal, unless it is a form that only YAML knows.
    var asWritten =
        !(scalar.json() instanceof Boolean) && !scalar.text().matches("[\\d_:.]*[_:].*");
    return asWritten || scalar.json() instanceof String
        ? Optional.of(scalar.text())
        : Quantity.parameter(scalar.json());
  }

  private static Optional<Path> absolute(String text) {
    if (text.isBlank()) {
      return Optional.empty();
    }
    try {
      var path =
          text.startsWith("~/")
              ? Path.of(System.getProperty("user.home")).resolve(text.substring(2))
              : Path.of(text);
      return Optional.of(path.toAbsolutePath().normalize());
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }

  private static Optional<List<String>> texts(YamlValue value) {
    if (!(value instanceof Sequence(var values, _))) {
      return Optional.empty();
    }
    var result = new ArrayList<String>();
    for (var item : values) {
      switch (item) {
        case Scalar(_, var text, _) -> result.add(text);
        case Nothing _ -> {}
        case Mapping _, Sequence _ -> {
          return Optional.empty();
        }
      }
    }
    return Optional.of(List.copyOf(result));
  }

  private static Optional<Map<String, String>> optionsOf(YamlValue value) {
    var result = new LinkedHashMap<String, String>();
    var items = value instanceof Sequence(var values, _) ? values : List.of(value);
    for (var item : items) {
      switch (item) {
        case Scalar(_, var text, _) when value instanceof Sequence -> result.put(text, "");
        case Mapping(var entries, _) -> {
          for (var entry : entries.entrySet()) {
            switch (entry.getValue()) {
              case Nothing _ -> result.put(entry.getKey(), "");
              case Scalar(Boolean on, _, _) when on -> result.put(entry.getKey(), "");
              case Scalar(Boolean _, _, _) -> result.remove(entry.getKey());
              case Scalar(_, var text, _) -> result.put(entry.getKey(), text);
              case Mapping _, Sequence _ -> {
                return Optional.empty();
              }
            }
          }
        }
        case Nothing _ -> {}
        case Scalar _, Sequence _ -> {
          return Optional.empty();
        }
      }
    }
    return Optional.of(result);
  }
}
