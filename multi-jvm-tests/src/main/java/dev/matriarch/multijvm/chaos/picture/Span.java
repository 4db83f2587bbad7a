package dev.matriarch.multijvm.chaos.picture;

/**
 * Something that lasts.
 *
 * @param from a moment of {@link System#nanoTime}, and {@code until} the end
 * @param label what it is; shown where there is room, else when the pointer is over it
 */
public record Span(Look look, long from, long until, String label) {
  public Span {
    if (until < from) {
      throw new IllegalArgumentException("%s ends %d ns early".formatted(label, from - until));
    }
  }
}
