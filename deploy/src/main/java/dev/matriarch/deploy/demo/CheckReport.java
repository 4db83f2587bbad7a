package dev.matriarch.deploy.demo;

import dev.matriarch.deploy.cli.TextTable;
import dev.matriarch.deploy.cli.TextTable.Align;
import dev.matriarch.deploy.cli.TextTable.Column;
import dev.matriarch.deploy.demo.FailoverRound.Phases;
import dev.matriarch.deploy.demo.Ledger.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What the check found, for people, at most 80 columns wide.
 *
 * @param refused how many writes failed
 */
record CheckReport(
    List<Phases> rounds, Verdict verdict, long refused, long lagMaxBytes, List<String> faults) {
  String render() {
    var lines = new ArrayList<String>();
    lines.add(table().render());
    lines.add("Milliseconds since the kill; the last column since the restart of the killed node.");
    lines.add(
        "rows acknowledged: %d, lost: %d (%d bytes of WAL at most, %d allowed), refused: %d"
            .formatted(
                verdict.acknowledged(), verdict.lost(), verdict.lostBytes(), lagMaxBytes, refused));
    faults.forEach(fault -> lines.add("FAILED: " + fault));
    lines.add(faults.isEmpty() ? "passed" : "not passed");
    return String.join("\n", lines);
  }

  private TextTable table() {
    var columns =
        List.of(
            new Column("Killed", Align.LEFT),
            new Column("Seen down", Align.RIGHT),
            new Column("New leader", Align.LEFT),
            new Column("Leads", Align.RIGHT),
            new Column("First write", Align.RIGHT),
            new Column("Streams again", Align.RIGHT));
    return new TextTable(" Fail-overs ", columns, rounds.stream().map(CheckReport::row).toList());
  }

  private static List<String> row(Phases phases) {
    return List.of(
        phases.killed(),
        ms(phases.seenDownMs()),
        phases.successor(),
        ms(phases.newLeaderMs()),
        ms(phases.firstWriteMs()),
        ms(phases.streamsAgainMs()));
  }

  private static String ms(double value) {
    return String.format(Locale.ROOT, "%.0f", value);
  }
}
