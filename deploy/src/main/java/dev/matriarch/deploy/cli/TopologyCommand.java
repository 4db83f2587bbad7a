package dev.matriarch.deploy.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code topology}: who replicates from whom. */
@Command(
    name = "topology",
    description = "Show which member replicates from which.",
    mixinStandardHelpOptions = true)
public final class TopologyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private final Connection connection = new Connection();
  @Mixin private final Watch watch = new Watch();

  @Parameters(
      arity = "0..*",
      paramLabel = "CLUSTER",
      description = "The name that the cluster must have.")
  private List<String> scopes = new ArrayList<>();

  @Override
  public Integer call() throws InterruptedException {
    try (var agents = Asked.agents(connection, spec)) {
      watch.print(spec.commandLine().getOut(), false, () -> text(agents));
    }
    return 0;
  }

  private String text(AgentClient agents) {
    var cluster = Asked.cluster(agents, scopes);
    var lines = new ArrayList<String>();
    lines.add(
        MemberListing.topology(cluster).render(OutputFormat.PRETTY, MemberListing.title(cluster)));
    lines.addAll(MemberListing.footer(cluster));
    return String.join("\n", lines);
  }
}
