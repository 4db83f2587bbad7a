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
  private final boolean beside;
  private final List<Double> ends = new ArrayList<>();
  private final List<Bar> bars = new ArrayList<>();

  private Bars(Scale scale, boolean beside) {
    this.scale = scale;
    this.beside = beside;
  }

  /** Where there is no room for all labels there are none beside bars: they would hide the bars. */
  static List<Bar> of(List<Span> spans, Scale scale) {
    var sorted =
        spans.stream()
            .sorted(Comparator.comparingLong(Span::from).thenComparingLong(Span::until))
            .toList();
    var told = new Bars(scale, true);
    if (sorted.stream().allMatch(told::isPlaced)) {
      return List.copyOf(told.bars);
    }
    var untold = new Bars(scale, false);
    sorted.stream().filter(it -> !untold.isPlaced(it)).forEach(untold::placeOverOthers);
    return List.copyOf(untold.bars);
  }

  static int rows(List<Bar> bars) {
    return bars.stream().mapToInt(Bar::row).max().orElse(-1) + 1;
  }

  static double labelWidth(Span span) {
    return LETTER * span.label().length() + 2 * GAP;
  }

  private boolean isPlaced(Span span) {
    var x = scale.x(span.from());
    var width = width(span);
    var isInside = labelWidth(span) <= width;
    var end = isInside || !beside ? x + width : x + width + labelWidth(span);
    for (var row = 0; row < ROWS_MAX; row++) {
      if (row == ends.size()) {
        ends.add(Double.NEGATIVE_INFINITY);
      }
      if (ends.get(row) + GAP <= x) {
        ends.set(row, end);
        bars.add(new Bar(span, row, x, width, isInside || (beside && end <= scale.right())));
        return true;
      }
    }
    return false;
  }

  private double width(Span span) {
    return Math.max(WIDTH_MIN, scale.x(span.until()) - scale.x(span.from()));
  }

  private void placeOverOthers(Span span) {
    bars.add(new Bar(span, ROWS_MAX - 1, scale.x(span.from()), width(span), false));
  }
}
