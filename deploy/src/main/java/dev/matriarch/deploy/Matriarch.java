package dev.matriarch.deploy;

import dev.matriarch.deploy.cli.CliFailure;
import dev.matriarch.deploy.cli.Connection;
import dev.matriarch.deploy.cli.ExplainCommand;
import dev.matriarch.deploy.cli.FailoverCommand;
import dev.matriarch.deploy.cli.HistoryCommand;
import dev.matriarch.deploy.cli.ListCommand;
import dev.matriarch.deploy.cli.SwitchoverCommand;
import dev.matriarch.deploy.cli.TopologyCommand;
import dev.matriarch.deploy.cli.VersionCommand;
import dev.matriarch.deploy.demo.DemoCheckCommand;
import dev.matriarch.deploy.demo.DemoScreenCommand;
import dev.matriarch.deploy.simulate.SimulateCommand;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * The program {@code matriarch}: the agent and the commands of its operator.
 *
 * <p>Exit status: 0 done, 1 failed with {@code Error: …} on standard error, 2 used wrongly.
 */
@Command(
    name = "matriarch",
    description = "PostgreSQL high availability without an external store.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    subcommands = {
      RunCommand.class,
      ListCommand.class,
      TopologyCommand.class,
      HistoryCommand.class,
      SwitchoverCommand.class,
      FailoverCommand.class,
      ExplainCommand.class,
      VersionCommand.class,
      SimulateCommand.class,
      DemoScreenCommand.class,
      DemoCheckCommand.class
    })
public final class Matriarch implements Callable<Integer> {
  @Option(
      names = "--validate-config",
      paramLabel = "FILE",
      description = "Check a configuration file and print what is wrong with it.")
  private Optional<Path> validated = Optional.empty();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    return validated
        .map(file -> ConfigurationCheck.run(file, spec.commandLine()))
        .orElseGet(() -> {
          spec.commandLine().usage(spec.commandLine().getErr());
          return CommandLine.ExitCode.USAGE;
        });
  }

  /** The parser with the exit status that operators' scripts know; also what tests run. */
  public static CommandLine commandLine() {
    var line = new CommandLine(new Matriarch());
    // For "matriarch -c FILE list"; the commands take the same options behind their name.
    line.getCommandSpec()
        .addMixin(Connection.GLOBAL, CommandSpec.forAnnotatedObject(new Connection()));
    return line.setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler((failure, command, parsed) -> {
          explain(failure, command.getErr());
          return CommandLine.ExitCode.SOFTWARE;
        });
  }

  private static void explain(Exception failure, PrintWriter err) {
    if (failure instanceof CliFailure) {
      err.println("Error: " + failure.getMessage());
    } else {
      err.println("Error: unexpected " + failure);
      failure.printStackTrace(err);
    }
  }

  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }
}
