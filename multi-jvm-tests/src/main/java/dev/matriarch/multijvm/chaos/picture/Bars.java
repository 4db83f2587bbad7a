package dev.matriarch.multijvm.chaos.picture;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Spans that may overlap, in as few rows as there must be. */
final class Bars {
  private static final int ROWS_MAX = 5;
  private static final double LETTER = 6;
  private static final double GAP = 3;
  private static final double WIDTH_MIN = 2;

  /**
   * A span and where it is.
   *
   * @param labelled whether there is room for its label, beginning at {@code x} or, when it is
   *     wider than the bar, right of it
   */
  record Bar(Span span, int row, double x, double width, boolean labelled) {
    boolean isLabelInside() {
      return labelWidth(span) <= width;
    }
  }

  private final Scale scale;
  private final List<Double> ends = new ArrayList<>();
  private final List<Bar> bars = new ArrayList<>();

  private Bars(Scale scale) {
    this.scale = scale;
  }

  static List<Bar> of(List<Span> spans, Scale scale) {
    var bars = new Bars(scale);
    spans.stream()
        .sorted(Comparator.comparingLong(Span::from).thenComparingLong(Span::until))
        .forEach(bars::place);
    return List.copyOf(bars.bars);
  }

  static int rows(List<Bar> bars) {
    return bars.stream().mapToInt(Bar::row).max().orElse(-1) + 1;
  }

  static double labelWidth(Span span) {
    return LETTER * span.label().length() + 2 * GAP;
  }

  /** Labels are given up before bars are laid over each other. */
  private void place(Span span) {
    var x = scale.x(span.from());
    var width = Math.max(WIDTH_MIN, scale.x(span.until()) - x);
    var label = labelWidth(span);
    var end = label <= width ? x + width : x + width + label;
    if (end > scale.right() || !placed(span, x, width, end, true)) {
      if (!placed(span, x, width, x + width, false)) {
        bars.add(new Bar(span, ROWS_MAX - 1, x, width, false));
      }
    }
  }

  private boolean placed(Span span, double x, double width, double end, boolean labelled) {
    for (var row = 0; row < ROWS_MAX; row++) {
      if (row == ends.size()) {
        ends.add(Double.NEGATIVE_INFINITY);
      }
      if (ends.get(row) + GAP <= x) {
        ends.set(row, end);
        bars.add(new Bar(span, row, x, width, labelled));
        return true;
      }
    }
    return false;
  }
}
