package dev.matriarch.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A value of a YAML document, and the line where it stands, counted from 1. */
sealed interface YamlValue {
  int line();

  /** A key without a value, {@code ~} or {@code null}. */
  record Nothing(int line) implements YamlValue {}

  /**
   * One value.
   *
   * @param json Boolean, Number or String, by the rules of YAML 1.1: {@code on} is true
   * @param text as written in the file
   */
  record Scalar(Object json, String text, int line) implements YamlValue {}

  record Sequence(List<YamlValue> values, int line) implements YamlValue {}

  record Mapping(Map<String, YamlValue> entries, int line) implements YamlValue {}

  /** How a message shows this value. */
  default String shown() {
    return switch (this) {
      case Nothing _ -> Problem.MISSING;
      case Scalar(_, var text, _) when text.isBlank() -> "(empty)";
      case Scalar(_, var text, _) -> text.length() > 80 ? text.substring(0, 80) + "…" : text;
      case Sequence _ -> "(a list)";
      case Mapping _ -> "(a section)";
    };
  }

  /** In JSON's types; keys without a value are left out. */
  default Optional<Object> toJson() {
    return switch (this) {
      case Nothing _ -> Optional.empty();
      case Scalar(var json, _, _) -> Optional.of(json);
      case Sequence(var values, _) -> {
        var list = new ArrayList<Object>();
        values.forEach(value -> value.toJson().ifPresent(list::add));
        yield Optional.of(list);
      }
      case Mapping mapping -> Optional.of(mapping.object());
    };
  }

  /** The mapping of the given value in JSON's types; empty for anything else. */
  default Map<String, Object> object() {
    var map = new LinkedHashMap<String, Object>();
    if (this instanceof Mapping(var entries, _)) {
      entries.forEach((key, value) -> value.toJson().ifPresent(json -> map.put(key, json)));
    }
    return map;
  }
}
