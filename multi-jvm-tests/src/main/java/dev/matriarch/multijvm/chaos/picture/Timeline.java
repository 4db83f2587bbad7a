package dev.matriarch.multijvm.chaos.picture;

import java.util.List;

/**
 * The picture of a run.
 *
 * @param from the moment of {@link System#nanoTime} at the left, and {@code until} that at the
 *     right
 * @param faults of no single node, above all lanes
 */
public record Timeline(String title, long from, long until, List<Span> faults, List<Lane> lanes) {
  public Timeline {
    faults = List.copyOf(faults);
    lanes = List.copyOf(lanes);
  }

  /** The same input gives the same text. */
  public String svg() {
    return new Drawing(this).svg();
  }
}
