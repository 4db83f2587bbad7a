package dev.matriarch.multijvm.chaos;

import dev.matriarch.multijvm.OsProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The distribution of another revision of these sources. It is built in a folder for temporary
 * files, and kept for the next time.
 *
 * @param root of the sources, which are a git repository
 * @param kept has a folder for each revision
 */
record OlderBuild(Path root, Path kept, Consumer<String> say) {
  private static final long MINUTES = 15;

  /**
   * The program that starts its agent.
   *
   * @throws IllegalArgumentException if there is no such revision
   * @throws IllegalStateException if it cannot be built; the message names the log
   */
  Path program(String revision) throws IOException {
    var commit = commit(revision);
    var home = kept.resolve(commit.substring(0, 12));
    var program = home.resolve("bin/matriarch");
    if (!Files.isExecutable(program)) {
      Files.createDirectories(kept);
      build(commit, home);
    }
    return program;
  }

  private String commit(String revision) {
    try {
      return git("rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}")
          .strip();
    } catch (IllegalStateException e) {
      throw new IllegalArgumentException("'%s' is no revision of %s".formatted(revision, root), e);
    }
  }

  private String git(String... words) {
    var command = new ArrayList<>(List.of("git", "-C", root.toString()));
    command.addAll(List.of(words));
    return OsProcess.require(command);
  }

  private void build(String commit, Path home) throws IOException {
    var sources = Files.createTempDirectory("matriarch-build");
    var log = home.resolveSibling(home.getFileName() + ".log");
    say.accept("building %s in %s (the log is %s)".formatted(commit, sources, log));
    try {
      var archive = sources.resolve("sources.tar").toString();
      git("archive", "--format=tar", "--output=" + archive, commit);
      OsProcess.require(List.of("tar", "-x", "-C", sources.toString(), "-f", archive));
      maven(sources, log);
      // Under its name only when it is whole.
      var copy = home.resolveSibling(home.getFileName() + ".new").toString();
      var made = sources.resolve("deploy/target/matriarch").toString();
      OsProcess.require(List.of("rm", "-rf", copy));
      OsProcess.require(List.of("cp", "-a", made, copy));
      OsProcess.require(List.of("mv", "-T", copy, home.toString()));
    } finally {
      OsProcess.run(List.of("rm", "-rf", sources.toString()));
    }
  }

  private static void maven(Path sources, Path log) throws IOException {
    var builder =
        new ProcessBuilder(
                "mvn", "-B", "-q", "-Dmaven.test.skip=true", "package", "-pl", "deploy", "-am")
            .directory(sources.toFile())
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().put("JAVA25_HOME", System.getProperty("java.home"));
    var process = builder.start();
    try {
      if (!process.waitFor(MINUTES, TimeUnit.MINUTES) || process.exitValue() != 0) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        throw new IllegalStateException("it could not be built; see " + log);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
