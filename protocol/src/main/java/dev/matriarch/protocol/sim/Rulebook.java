package dev.matriarch.protocol.sim;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The rules that can be switched off one at a time, each with a name and a sentence. */
public final class Rulebook {
  /**
   * A rule.
   *
   * @param off the mutation that is this rule's absence
   * @param sentence what holds as long as it is on
   * @param isRare whether walks do not notice that it is off: it takes more bad luck than they have
   */
  public record Rule(Mutation off, String name, String sentence, boolean isRare) {}

  private static final List<Rule> ALL =
      Arrays.stream(Mutation.values()).flatMap(it -> it.rule().stream()).toList();

  private Rulebook() {}

  public static List<Rule> all() {
    return ALL;
  }

  public static Optional<Rule> named(String name) {
    return ALL.stream().filter(it -> it.name().equals(name)).findFirst();
  }
}
