package dev.matriarch.deploy.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code explain}: why each member is what it is. */
@Command(
    name = "explain",
    description = "Say why each member is, or is not, leader, candidate and synchronous.",
    mixinStandardHelpOptions = true)
public final class ExplainCommand implements Callable<Integer> {
  private static final List<String> QUESTIONS = List.of("leader", "candidate", "synchronous");
  private static final List<String> COLUMNS = List.of("Member", "Question", "Answer", "Because");

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private final Connection connection = new Connection();

  @Option(
      names = {"-f", "--format"},
      paramLabel = "FORMAT",
      description = "One of ${COMPLETION-CANDIDATES}.")
  private OutputFormat format = OutputFormat.PRETTY;

  @Parameters(arity = "0..1", paramLabel = "NODE", description = "Only this member.")
  private Optional<String> node = Optional.empty();

  @Override
  public Integer call() {
    try (var agents = Asked.agents(connection, spec)) {
      var explanation = agents.explanation();
      var title =
          " Cluster: %s, as %s sees it, term %d "
              .formatted(
                  explanation.path("scope").asText(),
                  explanation.path("seen_by").asText(),
                  explanation.path("term").asLong());
      spec.commandLine().getOut().println(rows(explanation, node).render(format, title));
    }
    return 0;
  }

  /**
   * Three rows for each member.
   *
   * @throws CliFailure when {@code node} is given and is no member
   */
  static Rows rows(JsonNode explanation, Optional<String> node) {
    var rows = new ArrayList<SequencedMap<String, JsonNode>>();
    var names = new ArrayList<String>();
    for (var member : explanation.path("members")) {
      var name = member.path("name").asText();
      names.add(name);
      if (node.isEmpty() || node.get().equals(name)) {
        QUESTIONS.forEach(it -> rows.add(row(name, it, member.path(it))));
      }
    }
    if (rows.isEmpty() && node.isPresent()) {
      throw new CliFailure(
          "%s is no member of the cluster; members are: %s"
              .formatted(node.get(), String.join(", ", names)));
    }
    return new Rows(COLUMNS, rows);
  }

  private static SequencedMap<String, JsonNode> row(
      String member, String question, JsonNode verdict) {
    var row = new LinkedHashMap<String, JsonNode>();
    row.put("Member", TextNode.valueOf(member));
    row.put("Question", TextNode.valueOf(question));
    row.put("Answer", TextNode.valueOf(verdict.path("holds").asBoolean() ? "yes" : "no"));
    row.put("Because", verdict.path("because"));
    return row;
  }
}
