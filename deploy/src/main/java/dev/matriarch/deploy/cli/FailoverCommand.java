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

/**
 * {@code failover}: a certain member leads, also one that is not synchronous, also without a
 * leader.
 */
@Command(
    name = "failover",
    description = "Make a certain member lead; without a leader commits may be lost.",
    mixinStandardHelpOptions = true)
public final class FailoverCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private final Connection connection = new Connection();

  @Option(names = "--candidate", paramLabel = "MEMBER", description = "The member to lead.")
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
    var out = spec.commandLine().getOut();
    try (var agents = Asked.agents(connection, spec)) {
      new HandOver(HandOver.Action.FAILOVER, agents, out, force)
          .run(scopes, Optional.empty(), candidate);
    }
    return 0;
  }
}
