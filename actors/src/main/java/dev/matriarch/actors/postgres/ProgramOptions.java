package dev.matriarch.actors.postgres;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Further options of a program from the configuration, without the leading dashes. */
record ProgramOptions(List<Option> options) {

  /**
   * One option.
   *
   * @param value empty: a flag
   */
  record Option(String name, Optional<String> value) {
    static Option parse(String text) {
      var equals = text.indexOf('=');
      return equals < 0
          ? new Option(text.strip(), Optional.empty())
          : new Option(text.substring(0, equals).strip(), Optional.of(text.substring(equals + 1)));
    }

    String format() {
      return "--" + name + value.map(it -> "=" + it).orElse("");
    }
  }

  ProgramOptions {
    options = List.copyOf(options);
  }

  boolean has(String name) {
    return options.stream().anyMatch(option -> option.name().equals(name));
  }

  /**
   * What is wrong with the first bad option: none of the forbidden ones is allowed, nor an
   * abbreviation of one, which the programs would accept.
   *
   * @param where the place in the configuration, for the message
   */
  Optional<String> problem(String where, Set<String> forbidden) {
    for (var option : options) {
      var name = option.name();
      if (!name.matches("[a-z][a-z0-9-]*")) {
        return Optional.of(
            "%s: '%s' is not the long name of an option without dashes".formatted(where, name));
      }
      if (forbidden.stream().anyMatch(it -> it.startsWith(name))) {
        return Optional.of(
            "%s: option '%s' is not allowed, the agent sets it itself or cannot work with it; remove it"
                .formatted(where, name));
      }
    }
    return Optional.empty();
  }

  List<String> argv() {
    var argv = new ArrayList<String>();
    options.forEach(option -> argv.add(option.format()));
    return argv;
  }
}
