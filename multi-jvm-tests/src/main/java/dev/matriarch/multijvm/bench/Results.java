package dev.matriarch.multijvm.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** All runs, and the table of them in Markdown. */
final class Results {
  private static final List<String> HEADS =
      List.of("scenario", "figure", "n", "median", "worst", "goal", "");

  private static final String RULE = "---";
  private static final String FAILED = "failed: ";

  private final Mode mode;
  private final List<Run> runs = new ArrayList<>();

  Results(Mode mode) {
    this.mode = mode;
  }

  void add(Run run) {
    runs.add(run);
  }

  /** No run failed, and no goal was missed. */
  boolean good() {
    return runs.stream().noneMatch(it -> it.outcome() instanceof Outcome.Failed)
        && Stream.of(Scenario.values())
            .allMatch(scenario ->
                measured(scenario).isEmpty()
                    || scenario.figures().stream().noneMatch(figure -> misses(scenario, figure)));
  }

  // --- judgement --------------------------------------------------------------------------------

  private List<Outcome.Measured> measured(Scenario scenario) {
    return runs.stream()
        .filter(it -> it.scenario() == scenario)
        .map(Run::outcome)
        .filter(Outcome.Measured.class::isInstance)
        .map(Outcome.Measured.class::cast)
        .toList();
  }

  private Optional<Summary> summary(Scenario scenario, Figure figure) {
    return Summary.of(
        measured(scenario).stream()
            .flatMap(it -> Optional.ofNullable(it.figures().get(figure)).stream())
            .toList(),
        figure.order());
  }

  /** Whether a goal is missed; what did not happen in a run misses any goal. */
  boolean misses(Scenario scenario, Figure figure) {
    var goal = Goals.of(scenario, mode, figure);
    var summary = summary(scenario, figure);
    return goal.isPresent()
        && (summary.filter(it -> it.count() == measured(scenario).size()).isEmpty()
            || goal.get().isMissedBy(summary.get()));
  }

  // --- table ------------------------------------------------------------------------------------

  String table() {
    var rows = new ArrayList<List<String>>();
    rows.add(HEADS);
    for (var scenario : Scenario.values()) {
      if (!measured(scenario).isEmpty()) {
        scenario.figures().forEach(figure -> rows.add(row(scenario, figure)));
      }
      notMeasured(scenario).ifPresent(rows::add);
    }
    var widths = new int[HEADS.size()];
    Arrays.fill(widths, RULE.length());
    for (var row : rows) {
      for (var column = 0; column < widths.length; column++) {
        widths[column] = Math.max(widths[column], row.get(column).length());
      }
    }
    var lines = new ArrayList<String>();
    for (var row : rows) {
      lines.add(line(row, widths));
      if (lines.size() == 1) {
        lines.add(line(HEADS.stream().map(_ -> RULE).toList(), widths));
      }
    }
    return String.join(System.lineSeparator(), lines);
  }

  private List<String> row(Scenario scenario, Figure figure) {
    var all = measured(scenario).size();
    var summary = summary(scenario, figure);
    var count = summary.map(Summary::count).orElse(0);
    var goal = Goals.of(scenario, mode, figure);
    return List.of(
        scenario.option(),
        figure.text(),
        count == all ? Integer.toString(all) : "%d of %d".formatted(count, all),
        summary.map(it -> number(it.median(), figure)).orElse("never"),
        count == all ? summary.map(it -> number(it.worst(), figure)).orElse("never") : "never",
        goal.map(it -> text(it, figure)).orElse(""),
        goal.isEmpty() ? "" : misses(scenario, figure) ? "**missed**" : "ok");
  }

  private static String text(Goals.Limit goal, Figure figure) {
    return goal.median() == goal.worst()
        ? "≤ " + number(goal.worst(), figure)
        : "≤ %s, ≤ %s".formatted(number(goal.median(), figure), number(goal.worst(), figure));
  }

  private static String number(double value, Figure figure) {
    return String.format(Locale.ROOT, "%.0f %s", value, figure.unit()).strip();
  }

  /** The runs that gave no figures; why is told below the table. */
  private Optional<List<String>> notMeasured(Scenario scenario) {
    var whys = whys(scenario);
    var failed = whys.stream().anyMatch(it -> it.startsWith(FAILED));
    return whys.isEmpty()
        ? Optional.empty()
        : Optional.of(
            List.of(
                scenario.option(),
                failed ? "failed, see below" : "not supported, see below",
                Integer.toString(whys.size()),
                "",
                "",
                "",
                failed ? "**failed**" : ""));
  }

  /** Why runs gave no figures, a line each; may be empty. */
  List<String> notes() {
    return Stream.of(Scenario.values())
        .flatMap(
            scenario -> whys(scenario).stream().distinct().map(it -> scenario.option() + ": " + it))
        .toList();
  }

  private List<String> whys(Scenario scenario) {
    return runs.stream()
        .filter(it -> it.scenario() == scenario)
        .flatMap(it -> why(it.outcome()).stream())
        .toList();
  }

  private static Optional<String> why(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Measured _ -> Optional.empty();
      case Outcome.NotSupported(var why) -> Optional.of("not supported: " + firstLine(why));
      case Outcome.Failed(var why) -> Optional.of(FAILED + firstLine(why));
    };
  }

  static String firstLine(String text) {
    return text.lines().findFirst().orElse("");
  }

  private static String line(List<String> cells, int[] widths) {
    var line = new StringBuilder("|");
    for (var column = 0; column < widths.length; column++) {
      var cell = cells.get(column);
      line.append(' ').append(cell).repeat(" ", widths[column] - cell.length()).append(" |");
    }
    return line.toString();
  }
}
