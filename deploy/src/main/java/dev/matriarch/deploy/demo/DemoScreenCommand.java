package dev.matriarch.deploy.demo;

import dev.matriarch.deploy.cli.AgentClient;
import dev.matriarch.deploy.cli.CliFailure;
import dev.matriarch.deploy.cli.ClusterReport;
import dev.matriarch.deploy.demo.DemoCluster.DemoNode;
import java.io.Console;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Shows the running demo until it is interrupted: once a second, or without a terminal on change.
 */
@Command(
    name = "demo-screen",
    hidden = true,
    description = "Show a running demo.",
    mixinStandardHelpOptions = true)
public final class DemoScreenCommand implements Callable<Integer> {
  private static final String HOME = "\033[H";
  private static final String END_OF_LINE = "\033[K";
  private static final String BELOW = "\033[J";

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--dir", required = true, description = "The folder of the demo.")
  private Path directory = Path.of("");

  @Override
  public Integer call() throws InterruptedException {
    var cluster = DemoCluster.read(directory.toAbsolutePath());
    var onTerminal = Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
    var last = "";
    try (var agents = new AgentClient(cluster.nodes().stream().map(DemoNode::rest).toList())) {
      while (!Thread.interrupted()) {
        var shown = DemoScreen.render(cluster, report(agents));
        if (onTerminal || !shown.equals(last)) {
          print(shown, onTerminal, last.isEmpty());
          last = shown;
        }
        TimeUnit.SECONDS.sleep(1);
      }
    }
    return 0;
  }

  private static Optional<ClusterReport> report(AgentClient agents) {
    try {
      return Optional.of(agents.cluster());
    } catch (CliFailure allDown) {
      return Optional.empty();
    }
  }

  private void print(String text, boolean onTerminal, boolean first) {
    var out = spec.commandLine().getOut();
    if (onTerminal) {
      var start = first ? HOME + BELOW : HOME;
      out.print(start + text.replace("\n", END_OF_LINE + "\n") + END_OF_LINE + "\n" + BELOW);
    } else {
      out.println(text);
    }
    out.flush();
  }
}
