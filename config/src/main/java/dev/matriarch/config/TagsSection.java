package dev.matriarch.config;

import dev.matriarch.protocol.model.Tags;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Reads {@code tags}: any names, of which some have a meaning. */
final class TagsSection {
  private static final Set<String> FLAGS =
      Set.of("nofailover", "noloadbalance", "clonefrom", "nosync", "nostream");
  private static final SortedMap<String, String> TWINS =
      new TreeMap<>(Map.of("nofailover", "failover_priority", "nosync", "sync_priority"));

  private TagsSection() {}

  static Tags read(Section root, Findings findings) {
    var section = root.sectionOrEmpty("tags");
    var values = new LinkedHashMap<String, Object>();
    for (var key : section.keys()) {
      if (FLAGS.contains(key)) {
        section.flag(key).ifPresent(flag -> values.put(key, flag));
      } else if (TWINS.containsValue(key)) {
        priority(section, key, findings).ifPresent(number -> values.put(key, number));
      } else if (section.value(key).isPresent()) {
        switch (section.value(key).get()) {
          case YamlValue.Scalar(var json, _, _) -> values.put(key, json);
          case YamlValue.Nothing _ -> {}
          case YamlValue.Mapping _, YamlValue.Sequence _ ->
              section.problem(key, "Write one value: a text, a number, true or false.");
        }
      }
    }
    TWINS.forEach((flag, number) -> warnOfConflict(values, flag, number, findings));
    values
        .entrySet()
        .removeIf(tag ->
            tag.getValue().equals(false)
                && FLAGS.contains(tag.getKey())
                && !(TWINS.containsKey(tag.getKey()) && section.mentions(TWINS.get(tag.getKey()))));
    NoEffect.TAGS.forEach((tag, why) -> warnOfNoEffect(values, tag, why, findings));
    return new Tags(values);
  }

  private static Optional<Object> priority(Section section, String key, Findings findings) {
    var json = section.value(key).flatMap(YamlValue::toJson);
    var number = json.flatMap(Quantity::integer).map(n -> (Object) Math.clamp(n, -9999, 9999));
    if (json.isPresent() && number.isEmpty()) {
      findings.warn("tags.%s is not a whole number and counts as 1".formatted(key));
    }
    return number;
  }

  private static void warnOfNoEffect(
      Map<String, Object> values, String tag, String why, Findings findings) {
    var value = Optional.ofNullable(values.get(tag));
    if (value.filter(it -> !it.equals(false)).isPresent()) {
      findings.notYet("tags." + tag, why + "; the tag is only published");
    }
  }

  private static void warnOfConflict(
      Map<String, Object> values, String flag, String number, Findings findings) {
    if (values.get(flag) instanceof Boolean never
        && values.get(number) instanceof Integer priority
        && never == priority > 0) {
      findings.warn(
          "tags.%s: %s and tags.%s: %d contradict each other; %s counts: remove the other"
              .formatted(flag, never, number, priority, flag));
    }
  }
}
