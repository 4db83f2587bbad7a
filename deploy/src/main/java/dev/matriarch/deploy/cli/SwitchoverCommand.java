package dev.matriarch.deploy.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code switchover}: another member leads, and nothing is lost. */
@Command(
    name = "switchover",
    description = "Let another member lead.",
    mixinStandardHelpOptions = true)
public final class SwitchoverCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private final Connection connection = new Connection();

  @Option(
      names = {"--leader", "--primary"},
      paramLabel = "MEMBER",
      description = "The member that leads now.")
  private Optional<String> leader = Optional.empty();

  @Option(names = "--scheduled", paramLabel = "now", description = "Only now; a time is refused.")
  private String scheduled = "now";

  @Option(
      names = "--candidate",
      paramLabel = "MEMBER",
      description = "The member to lead; without it the best one.")
  private Optional<String> candidate = Optional.empty();

  @Option(names = "--force", description = "Do not ask.")
  private boolean force;

  @Parameters(
      arity = "0..1",
      paramLabel = "CLUSTER",
      description = "The name that the cluster must have.")
  private List<String> scopes = new ArrayList<>();

  @Override
  public Integer call() {
    if (!scheduled.equals("now")) {
      throw new CliFailure(
          "a switchover cannot be scheduled: leave --scheduled out, and ask when it is due");
    }
    var out = spec.commandLine().getOut();
    try (var agents = Asked.agents(connection, spec)) {
      new HandOver(HandOver.Action.SWITCHOVER, agents, out, force).run(scopes, leader, candidate);
    }
    return 0;
  }
}
