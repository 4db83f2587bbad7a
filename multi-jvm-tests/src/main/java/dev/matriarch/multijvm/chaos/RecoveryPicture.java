package dev.matriarch.multijvm.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The recovery times as an SVG: a row for each kind of fault, and in it a mark for each round. The
 * axis is logarithmic, since tenths of a second and minutes both matter.
 */
final class RecoveryPicture {
  private static final int LEFT = 270;
  private static final int WIDTH = 620;
  private static final int TOP = 56;
  private static final int ROW = 22;
  private static final double LEAST = 0.1;
  private static final List<Double> TICKS =
      List.of(0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0);

  /** One of the times of a round. */
  private record Series(
      String title, String colour, int dy, Function<RoundReport, Duration> figure) {}

  private static final List<Series> SERIES =
      List.of(
          new Series("no acknowledgement", "#c8443c", -5, RoundReport::outage),
          new Series("healed to writable", "#2f6db3", 0, RoundReport::writable),
          new Series("healed to whole", "#5aa469", 5, RoundReport::whole));

  private RecoveryPicture() {}

  /** The same recoveries give the same text. */
  static String svg(String title, Recoveries recoveries) {
    var kinds = List.copyOf(recoveries.kinds().entrySet());
    var height = TOP + ROW * kinds.size() + 34;
    var text = new StringBuilder();
    text.append(
        ("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\""
                + " font-family=\"sans-serif\" font-size=\"11\">%n")
            .formatted(LEFT + WIDTH + 30, height));
    text.append("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
    text.append(label(10, 18, "start", escape(title)));
    legend().forEach(text::append);
    grid(height - 34).forEach(text::append);
    for (var row = 0; row < kinds.size(); row++) {
      var y = TOP + ROW * row + ROW / 2;
      text.append(
          label(
              LEFT - 8,
              y + 4,
              "end",
              escape(
                  "%s (%d)".formatted(kinds.get(row).getKey(), kinds.get(row).getValue().size()))));
      for (var series : SERIES) {
        kinds.get(row).getValue().stream()
            .map(round -> mark(series, round, y))
            .forEach(text::append);
      }
    }
    return text.append("</svg>\n").toString();
  }

  private static String mark(Series series, RoundReport round, int y) {
    return """
    <circle cx="%s" cy="%d" r="3" fill="%s" fill-opacity="0.6"><title>round %d, %s: %s s</title></circle>
    """
        .formatted(
            x(series.figure().apply(round).toNanos() / 1e9),
            y + series.dy(),
            series.colour(),
            round.number(),
            series.title(),
            RoundReport.seconds(series.figure().apply(round)));
  }

  private static List<String> legend() {
    var lines = new ArrayList<String>();
    var x = LEFT;
    for (var series : SERIES) {
      lines.add(
          "<circle cx=\"%d\" cy=\"34\" r=\"4\" fill=\"%s\"/>%n".formatted(x, series.colour()));
      lines.add(label(x + 8, 38, "start", series.title()));
      x += 170;
    }
    return lines;
  }

  private static Stream<String> grid(int bottom) {
    return TICKS.stream()
        .map(tick ->
            """
            <line x1="%s" x2="%s" y1="%d" y2="%d" stroke="#ddd"/>
            <text x="%s" y="%d" text-anchor="middle">%s s</text>
            """
                .formatted(
                    x(tick),
                    x(tick),
                    TOP - 8,
                    bottom,
                    x(tick),
                    bottom + 16,
                    tick < 1 ? Double.toString(tick) : Long.toString(Math.round(tick))));
  }

  /** Logarithmic; what is less than the least is at the left edge. */
  static String x(double seconds) {
    var decades = Math.log10(TICKS.getLast() / LEAST);
    var share = Math.log10(Math.max(LEAST, seconds) / LEAST) / decades;
    return String.format(Locale.ROOT, "%.1f", LEFT + WIDTH * Math.min(1.02, share));
  }

  private static String label(int x, int y, String anchor, String text) {
    return "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\">%s</text>%n".formatted(x, y, anchor, text);
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
