package dev.matriarch.multijvm.chaos.check;

/**
 * Something that a client was promised and that is not so.
 *
 * @param text with the operations that prove it
 */
public record Violation(Rule rule, String text) {
  @Override
  public String toString() {
    return "%s: %s".formatted(rule.sentence(), text);
  }
}
