package dev.matriarch.deploy;

import dev.matriarch.config.Problem;
import dev.matriarch.config.SettingsLoader;
import dev.matriarch.config.SettingsResult;
import java.nio.file.Path;
import picocli.CommandLine;

/** {@code --validate-config}: everything that is wrong with a file, one line each. */
final class ConfigurationCheck {
  private ConfigurationCheck() {}

  /** Prints what is wrong; exit status 0 for a file that an agent can run with, otherwise 1. */
  static int run(Path file, CommandLine command) {
    return switch (SettingsLoader.load(file)) {
      case SettingsResult.Loaded(_, var warnings) -> {
        warnings.forEach(warning -> command.getErr().println("warning: " + warning));
        command.getOut().println("the configuration is valid");
        yield CommandLine.ExitCode.OK;
      }
      case SettingsResult.Invalid(var problems) -> {
        problems.stream().map(Problem::format).forEach(command.getErr()::println);
        yield 1;
      }
    };
  }
}
