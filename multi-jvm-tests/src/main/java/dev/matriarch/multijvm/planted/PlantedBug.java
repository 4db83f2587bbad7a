package dev.matriarch.multijvm.planted;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One file of {@code planted-bugs}: a head of {@code Key: text} lines, of which those that begin
 * with a blank go on with the text before, and the patch.
 *
 * @param name of the file, without its ending
 * @param broken what does not hold any more
 * @param noticed why clients must notice
 * @param chaos the words for {@code multi-jvm-tests/chaos}
 * @param foundBy beginnings of what may be found by it; anything else is another matter
 */
record PlantedBug(
    String name,
    String broken,
    String noticed,
    List<String> chaos,
    List<String> foundBy,
    Patch patch) {
  private static final String ENDING = ".patch";
  private static final String DIFF = "diff ";

  PlantedBug {
    chaos = List.copyOf(chaos);
    foundBy = List.copyOf(foundBy);
  }

  /** All that there are, in the order of their names. */
  static List<PlantedBug> allIn(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      return files
          .filter(it -> it.getFileName().toString().endsWith(ENDING))
          .sorted()
          .map(PlantedBug::read)
          .toList();
    }
  }

  private static PlantedBug read(Path file) {
    var name = file.getFileName().toString();
    try {
      return parse(name.substring(0, name.length() - ENDING.length()), Files.readAllLines(file));
    } catch (IOException | IllegalArgumentException e) {
      throw new IllegalArgumentException("%s: %s".formatted(file, e.getMessage()), e);
    }
  }

  /**
   * Reads the text of a file.
   *
   * @throws IllegalArgumentException if a part is missing
   */
  static PlantedBug parse(String name, List<String> lines) {
    var head = lines.stream().takeWhile(it -> !it.startsWith(DIFF)).toList();
    var parts = parts(head);
    return new PlantedBug(
        name,
        part(parts, "Broken"),
        part(parts, "Noticed"),
        List.of(part(parts, "Chaos").split(" ")),
        Stream.of(part(parts, "Found by").split(";")).map(String::strip).toList(),
        Patch.parse(lines.subList(head.size(), lines.size())));
  }

  private static Map<String, String> parts(List<String> head) {
    var parts = new LinkedHashMap<String, String>();
    var open = Optional.<String>empty();
    for (var line : head) {
      var colon = line.indexOf(':');
      if (line.isBlank()) {
        open = Optional.empty();
      } else if (line.startsWith(" ") && open.isPresent()) {
        parts.merge(open.get(), line.strip(), "%s %s"::formatted);
      } else if (colon > 0) {
        open = Optional.of(line.substring(0, colon));
        parts.put(open.get(), line.substring(colon + 1).strip());
      } else {
        throw new IllegalArgumentException(
            "the line '%s' of the head has no key with a colon".formatted(line));
      }
    }
    return parts;
  }

  private static String part(Map<String, String> parts, String key) {
    return Optional.ofNullable(parts.get(key))
        .filter(it -> !it.isEmpty())
        .orElseThrow(() -> new IllegalArgumentException("the head has no '%s:'".formatted(key)));
  }
}
