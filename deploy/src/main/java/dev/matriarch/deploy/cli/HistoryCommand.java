package dev.matriarch.deploy.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code history}: the fail-overs and switchovers of the past. */
@Command(
    name = "history",
    description = "Show the fail-overs and switchovers of the past.",
    mixinStandardHelpOptions = true)
public final class HistoryCommand implements Callable<Integer> {
  private static final List<String> COLUMNS =
      List.of("TL", "LSN", "Reason", "Timestamp", "New Leader");

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private final Connection connection = new Connection();

  @Option(
      names = {"-f", "--format"},
      paramLabel = "FORMAT",
      description = "One of ${COMPLETION-CANDIDATES}.")
  private OutputFormat format = OutputFormat.PRETTY;

  @Parameters(
      arity = "0..1",
      paramLabel = "CLUSTER",
      description = "The name that the cluster must have.")
  private List<String> scopes = new ArrayList<>();

  @Override
  public Integer call() {
    try (var agents = Asked.agents(connection, spec)) {
      if (!scopes.isEmpty()) {
        Asked.cluster(agents, scopes);
      }
      spec.commandLine().getOut().println(rows(agents.history()).render(format, ""));
    }
    return 0;
  }

  /** Rows of old clusters have three or four values. */
  static Rows rows(JsonNode history) {
    var rows = new ArrayList<SequencedMap<String, JsonNode>>();
    for (var entry : history) {
      var row = new LinkedHashMap<String, JsonNode>();
      for (var column = 0; column < Math.min(COLUMNS.size(), entry.size()); column++) {
        if (!entry.get(column).isNull()) {
          row.put(COLUMNS.get(column), entry.get(column));
        }
      }
      rows.add(row);
    }
    return new Rows(COLUMNS, rows);
  }
}
