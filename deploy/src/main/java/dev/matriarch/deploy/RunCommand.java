package dev.matriarch.deploy;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "run",
    description = "Run the agent of this node in the foreground.",
    mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
  @Parameters(paramLabel = "FILE", description = "The configuration of this node.")
  private Path file = Path.of("");

  @Override
  public Integer call() {
    return Agent.run(file);
  }
}
