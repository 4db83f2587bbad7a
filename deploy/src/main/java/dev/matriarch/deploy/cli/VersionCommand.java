package dev.matriarch.deploy.cli;

import dev.matriarch.deploy.Version;
import dev.matriarch.deploy.cli.ClusterReport.Member;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code version}: of this program, and of the members where a cluster is named. */
@Command(
    name = "version",
    description = "Print the version of this program, and of a cluster's agents and servers.",
    mixinStandardHelpOptions = true)
public final class VersionCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private final Connection connection = new Connection();

  @Parameters(index = "0", arity = "0..1", paramLabel = "CLUSTER")
  private List<String> scopes = new ArrayList<>();

  @Parameters(index = "1..*", arity = "0..*", paramLabel = "MEMBER")
  private List<String> members = new ArrayList<>();

  @Override
  public Integer call() {
    var out = spec.commandLine().getOut();
    out.println("matriarch " + Version.current());
    if (scopes.isEmpty() && !Asked.global(spec).isGiven() && !connection.isGiven()) {
      return 0;
    }
    try (var agents = Asked.agents(connection, spec)) {
      Asked.cluster(agents, scopes).members().stream()
          .filter(member -> members.isEmpty() || members.contains(member.name()))
          .forEach(member -> out.println(member.name() + ": " + versions(agents, member)));
    }
    return 0;
  }

  private static String versions(AgentClient agents, Member member) {
    return agents
        .status(Connection.address(member.text("api_url")))
        .map(status ->
            "agent %s, PostgreSQL %s"
                .formatted(
                    status.path("patroni").path("version").asText("unknown"),
                    postgres(status.path("server_version").asInt())))
        .orElse("does not answer");
  }

  /** 150018 is 15.18, 90624 is 9.6.24. */
  static String postgres(int version) {
    if (version == 0) {
      return "not running";
    }
    return version >= 100_000
        ? version / 10_000 + "." + version % 10_000
        : version / 10_000 + "." + version / 100 % 100 + "." + version % 100;
  }
}
