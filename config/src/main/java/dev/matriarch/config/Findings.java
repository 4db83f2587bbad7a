package dev.matriarch.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What is found while a file is read: nothing stops at the first problem. */
final class Findings {
  private final List<Problem> problems = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();
  private final Map<String, String> unused = new LinkedHashMap<>();

  void problem(String path, String value, String allowed, int line) {
    var visible = value.equals(Problem.MISSING) || value.isEmpty() || !isSecret(path);
    var problem = new Problem(path, visible ? value : Problem.HIDDEN, allowed, line);
    if (!problems.contains(problem)) {
      problems.add(problem);
    }
  }

  void warn(String sentence) {
    if (!warnings.contains(sentence)) {
      warnings.add(sentence);
    }
  }

  /** The key is known and accepted; the operator hears why nothing comes of it. */
  void unused(String path, String why) {
    unused.put(path, why);
    warn(path + " has no effect: " + why);
  }

  /** As {@link #unused}, for what is to come. */
  void notYet(String path, String why) {
    unused.put(path, why);
    warn(path + " has no effect yet: " + why);
  }

  /** A key whose value no message may show. */
  static boolean isSecret(String path) {
    var lower = path.toLowerCase(Locale.ROOT).replace("pgpass", "");
    return lower.contains("pass")
        || lower.contains("authentication")
        || lower.contains("token")
        || lower.contains("secret")
        || lower.contains("conninfo");
  }

  boolean hasProblems() {
    return !problems.isEmpty();
  }

  /** From the top of the file to its end; those without a line last. */
  List<Problem> problems() {
    return problems.stream()
        .sorted(Comparator.comparingInt(it -> it.line() > 0 ? it.line() : Integer.MAX_VALUE))
        .toList();
  }

  List<String> warnings() {
    return List.copyOf(warnings);
  }

  Map<String, String> unused() {
    return Collections.unmodifiableMap(unused);
  }
}
