package dev.matriarch.multijvm.chaos.picture;

import dev.matriarch.multijvm.chaos.picture.Svg.Anchor;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Draws a timeline: from above, the title, what the colours mean, lanes, and the time. */
final class Drawing {
  private static final double WIDTH = 1200;
  private static final double LEFT = 84;
  private static final double RIGHT = WIDTH - 20;
  private static final double HEAD = 66;
  private static final double ROLE = 18;
  private static final double DENSITY = 22;
  private static final double BAR = 12;
  private static final double BAR_STEP = 15;
  private static final double GAP = 14;

  /** Acknowledgements of so many pixels are counted together. */
  private static final double BIN = 2;

  private static final String DARK = "fill=\"#333333\"";
  private static final String PALE = "fill=\"#777777\"";
  private static final String WHITE = "fill=\"#ffffff\"";
  private static final String BACKGROUND = "fill=\"#fafafa\"";
  private static final String GRID = "stroke=\"#e4e4e4\" stroke-width=\"1\"";

  private final Timeline timeline;
  private final Scale scale;
  private final int densest;
  private final Svg svg = new Svg();
  private double y = HEAD;

  Drawing(Timeline timeline) {
    this.timeline = timeline;
    this.scale = new Scale(timeline.from(), timeline.until(), LEFT, RIGHT);
    this.densest =
        timeline.lanes().stream().flatMapToInt(it -> Arrays.stream(bins(it))).max().orElse(0);
  }

  String svg() {
    var bars = Bars.of(withLook(timeline.faults(), true), scale);
    svg.text(LEFT, 20, Anchor.START, DARK + " font-size=\"14\"", timeline.title());
    grid(height(bars));
    legend();
    faults(bars);
    if (!bars.isEmpty()) {
      y += GAP;
    }
    timeline.lanes().forEach(this::lane);
    violations();
    return svg.document(WIDTH, y + 24);
  }

  private static List<Span> withLook(List<Span> spans, boolean bars) {
    return spans.stream().filter(it -> bars == (it.look() != Look.VIOLATION)).toList();
  }

  /** Of everything down to the axis. */
  private double height(List<Bars.Bar> bars) {
    var above = bars.isEmpty() ? 0 : Bars.rows(bars) * BAR_STEP + GAP;
    return HEAD
        + above
        + timeline.lanes().stream()
            .mapToDouble(
                it -> ROLE + DENSITY + GAP + Bars.rows(Bars.of(it.faults(), scale)) * BAR_STEP)
            .sum();
  }

  // --- time and colours -------------------------------------------------------------------------

  private void grid(double bottom) {
    for (var second : scale.ticks()) {
      var x = scale.xOfSecond(second);
      svg.line(x, HEAD - 6, x, bottom, GRID);
      svg.text(x, bottom + 12, Anchor.MIDDLE, PALE, second + " s");
    }
  }

  private void legend() {
    var used = EnumSet.noneOf(Look.class);
    var roles = timeline.lanes().stream().flatMap(it -> it.roles().stream());
    var bars = timeline.lanes().stream().flatMap(it -> it.faults().stream());
    Stream.of(roles, bars, timeline.faults().stream())
        .flatMap(it -> it)
        .map(Span::look)
        .forEach(used::add);
    var x = LEFT;
    for (var look : used) {
      svg.rectangle(x, 32, 11, 11, fill(look), "");
      svg.text(x + 15, 41, Anchor.START, DARK, look.title());
      x += 15 + 6 * look.title().length() + 16;
    }
    if (densest > 0) {
      var perSecond = densest * 1e9 / (binNanos() * 1.0);
      svg.path("M %s 43 v -4 h 2 v -5 h 2 v 3 h 2 v -5 h 2 v 11 z".formatted(number(x)), DARK);
      svg.text(
          x + 13,
          41,
          Anchor.START,
          DARK,
          String.format(Locale.ROOT, "acknowledged writes, at most %.0f a second", perSecond));
    }
  }

  private static String fill(Look look) {
    return "fill=\"%s\"".formatted(look.colour());
  }

  private static String number(double value) {
    return Svg.number(value);
  }

  // --- lanes ------------------------------------------------------------------------------------

  private void lane(Lane lane) {
    svg.text(LEFT - 8, y + 13, Anchor.END, DARK + " font-size=\"11\"", lane.name());
    svg.rectangle(LEFT, y, RIGHT - LEFT, ROLE, BACKGROUND, "");
    lane.roles().forEach(this::role);
    y += ROLE;
    density(lane);
    y += DENSITY;
    faults(Bars.of(lane.faults(), scale));
    y += GAP;
  }

  private void role(Span span) {
    var x = scale.x(span.from());
    var width = scale.x(span.until()) - x;
    svg.rectangle(x, y, width, ROLE, fill(span.look()), told(span));
    if (!span.label().isEmpty() && Bars.labelWidth(span) <= width) {
      var colour = span.look() == Look.PRIMARY ? WHITE : DARK;
      svg.text(x + 3, y + 12.5, Anchor.START, colour, span.label());
    }
  }

  private String told(Span span) {
    return String.format(
        Locale.ROOT,
        "%s%s, %.2f s to %.2f s",
        span.look().title(),
        span.label().isEmpty() || span.label().equals(span.look().title())
            ? ""
            : ": " + span.label(),
        (span.from() - timeline.from()) / 1e9,
        (span.until() - timeline.from()) / 1e9);
  }

  /** One shape: bars that hang from the roles would need an element for each. */
  private void density(Lane lane) {
    var bottom = y + DENSITY;
    var bins = bins(lane);
    var path = new StringBuilder();
    for (var bin = 0; bin < bins.length; bin++) {
      if (bins[bin] > 0) {
        var height = Math.max(2, (DENSITY - 3) * bins[bin] / densest);
        path.append(
            "M%s %sh%sv%sh%sz"
                .formatted(
                    number(LEFT + bin * BIN),
                    number(bottom),
                    number(BIN),
                    number(-height),
                    number(-BIN)));
      }
    }
    svg.line(LEFT, bottom, RIGHT, bottom, GRID);
    if (!path.isEmpty()) {
      svg.path(path.toString(), "fill=\"#5b5b5b\"");
    }
  }

  private int[] bins(Lane lane) {
    var bins = new int[(int) Math.ceil((RIGHT - LEFT) / BIN)];
    for (var moment : lane.acknowledgements()) {
      if (moment >= timeline.from() && moment <= timeline.until()) {
        var bin = (int) ((scale.x(moment) - LEFT) / BIN);
        bins[Math.min(bin, bins.length - 1)]++;
      }
    }
    return bins;
  }

  private double binNanos() {
    return (timeline.until() - timeline.from()) * BIN / (RIGHT - LEFT);
  }

  // --- bars -------------------------------------------------------------------------------------

  private void faults(List<Bars.Bar> bars) {
    for (var bar : bars) {
      var top = y + bar.row() * BAR_STEP + 3;
      svg.rectangle(bar.x(), top, bar.width(), BAR, fill(bar.span().look()), told(bar.span()));
      if (bar.labelled()) {
        var x = bar.isLabelInside() ? bar.x() : bar.x() + bar.width();
        var colour = bar.isLabelInside() ? WHITE : DARK;
        svg.text(x + 3, top + 9.5, Anchor.START, colour, bar.span().label());
      }
    }
    y += Bars.rows(bars) * BAR_STEP;
  }

  private void violations() {
    for (var span : withLook(timeline.faults(), false)) {
      var x = scale.x(span.from());
      svg.line(
          x, HEAD - 10, x, y, "stroke=\"#000000\" stroke-width=\"1.5\" stroke-dasharray=\"5 3\"");
      var anchor = x > (LEFT + RIGHT) / 2 ? Anchor.END : Anchor.START;
      svg.text(x, HEAD - 13, anchor, DARK + " font-weight=\"bold\"", span.label());
    }
  }
}
