package dev.matriarch.deploy.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code list}: the members of the cluster. */
@Command(
    name = "list",
    description = "List the members of the cluster.",
    mixinStandardHelpOptions = true)
public final class ListCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private final Connection connection = new Connection();
  @Mixin private final Watch watch = new Watch();

  @Option(
      names = {"-e", "--extended"},
      description = "Show all columns.")
  private boolean extended;

  @Option(
      names = {"-t", "--timestamp"},
      description = "Print the time first.")
  private boolean timestamp;

  @Option(
      names = {"-f", "--format"},
      paramLabel = "FORMAT",
      description = "One of ${COMPLETION-CANDIDATES}.")
  private OutputFormat format = OutputFormat.PRETTY;

  @Parameters(
      arity = "0..*",
      paramLabel = "CLUSTER",
      description = "The name that the cluster must have.")
  private List<String> scopes = new ArrayList<>();

  @Override
  public Integer call() throws InterruptedException {
    try (var agents = Asked.agents(connection, spec)) {
      watch.print(spec.commandLine().getOut(), timestamp, () -> text(agents));
    }
    return 0;
  }

  private String text(AgentClient agents) {
    var cluster = Asked.cluster(agents, scopes);
    var text = new StringBuilder();
    text.append(
        MemberListing.list(cluster, extended, format).render(format, MemberListing.title(cluster)));
    if (format == OutputFormat.PRETTY) {
      MemberListing.footer(cluster).forEach(line -> text.append('\n').append(line));
    }
    return text.toString();
  }
}
