package dev.matriarch.deploy.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A table in a frame of ASCII characters, with its title in the upper edge. Cells may have several
 * lines; then a line separates the rows.
 */
public record TextTable(String title, List<Column> columns, List<List<String>> rows) {
  public enum Align {
    LEFT,
    RIGHT
  }

  public record Column(String header, Align align) {}

  public TextTable {
    rows.forEach(row -> {
      if (row.size() != columns.size()) {
        throw new IllegalArgumentException(columns.size() + " columns, but row " + row);
      }
    });
  }

  /** The lines of the table, without a line end after the last. */
  public String render() {
    var widths = IntStream.range(0, columns.size()).map(this::width).toArray();
    var edge = edge(widths);
    var lines = new ArrayList<String>();
    lines.add(withTitle(edge));
    lines.addAll(lines(columns.stream().map(Column::header).toList(), widths));
    lines.add(edge);
    var separated = rows.stream().flatMap(List::stream).anyMatch(cell -> cell.contains("\n"));
    for (var row : rows) {
      lines.addAll(lines(row, widths));
      if (separated) {
        lines.add(edge);
      }
    }
    if (!separated || rows.isEmpty()) {
      lines.add(edge);
    }
    return String.join("\n", lines);
  }

  private int width(int column) {
    var cells = rows.stream().flatMap(row -> row.get(column).lines());
    var widest = cells.mapToInt(TextTable::length).max().orElse(0);
    return Math.max(widest, length(columns.get(column).header()));
  }

  private static String edge(int[] widths) {
    return IntStream.of(widths)
        .mapToObj(width -> "-".repeat(width + 2))
        .collect(Collectors.joining("+", "+", "+"));
  }

  private String withTitle(String edge) {
    var shown = title.substring(0, Math.min(title.length(), edge.length() - 2));
    return "+" + shown + edge.substring(1 + shown.length());
  }

  private List<String> lines(List<String> cells, int[] widths) {
    var split = cells.stream().map(cell -> cell.lines().toList()).toList();
    var height = Math.max(1, split.stream().mapToInt(List::size).max().orElse(1));
    var lines = new ArrayList<String>();
    for (var line = 0; line < height; line++) {
      var text = new StringBuilder("|");
      for (var column = 0; column < widths.length; column++) {
        var cell = line < split.get(column).size() ? split.get(column).get(line) : "";
        var align = columns.get(column).align();
        text.append(' ').append(padded(cell, widths[column], align)).append(" |");
      }
      lines.add(text.toString());
    }
    return lines;
  }

  private static String padded(String cell, int width, Align align) {
    var space = " ".repeat(width - length(cell));
    return switch (align) {
      case LEFT -> cell + space;
      case RIGHT -> space + cell;
    };
  }

  private static int length(String text) {
    return text.codePointCount(0, text.length());
  }
}
