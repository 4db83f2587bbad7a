package dev.matriarch.multijvm.chaos.picture;

import java.util.Locale;

/** Elements of a picture, one a line. Lengths are pixels. */
final class Svg {
  private final StringBuilder text = new StringBuilder();

  /** How a text stands: where it begins, in the middle, or where it ends. */
  enum Anchor {
    START,
    MIDDLE,
    END
  }

  /** With a title, which is shown when the pointer is over it; an empty one is none. */
  void rectangle(double x, double y, double width, double height, String style, String title) {
    var shape =
        "<rect x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" %s"
            .formatted(number(x), number(y), number(width), number(height), style);
    line(title.isEmpty() ? shape + "/>" : shape + "><title>" + escaped(title) + "</title></rect>");
  }

  void line(double x1, double y1, double x2, double y2, String style) {
    line(
        "<line x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\" %s/>"
            .formatted(number(x1), number(y1), number(x2), number(y2), style));
  }

  void path(String path, String style) {
    line("<path d=\"%s\" %s/>".formatted(path, style));
  }

  void text(double x, double y, Anchor anchor, String style, String words) {
    line(
        "<text x=\"%s\" y=\"%s\" text-anchor=\"%s\" %s>%s</text>"
            .formatted(
                number(x),
                number(y),
                anchor.name().toLowerCase(Locale.ROOT),
                style,
                escaped(words)));
  }

  private void line(String element) {
    text.append(element).append('\n');
  }

  static String number(double value) {
    var rounded = String.format(Locale.ROOT, "%.1f", value);
    return rounded.endsWith(".0") ? rounded.substring(0, rounded.length() - 2) : rounded;
  }

  static String escaped(String words) {
    return words
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  /** The whole picture. */
  String document(double width, double height) {
    return """
    <svg xmlns="http://www.w3.org/2000/svg" width="%1$s" height="%2$s" viewBox="0 0 %1$s %2$s" \
    font-family="Helvetica, Arial, 'DejaVu Sans', sans-serif" font-size="10">
    <rect width="100%%" height="100%%" fill="#ffffff"/>
    %3$s</svg>
    """
        .formatted(number(width), number(height), text);
  }
}
