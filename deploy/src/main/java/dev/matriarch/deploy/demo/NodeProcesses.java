package dev.matriarch.deploy.demo;

import dev.matriarch.deploy.cli.CliFailure;
import dev.matriarch.deploy.demo.DemoCluster.DemoNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The processes of one node and of no other: the agent, the guardian, the postmaster and everything
 * below them. Found by the pid files and by the folder of the node in command lines, because the
 * postmaster and the guardian may outlive the agent that started them.
 */
final class NodeProcesses {
  private static final Pattern PROGRAMS =
      Pattern.compile("java|postgres|initdb|pg_.*|bash|dash|setpriv");

  private NodeProcesses() {}

  /** All processes of the node that live now. */
  static Set<Long> find(DemoNode node) {
    var tops =
        Stream.concat(
                Stream.of(node.agentPidFile(), node.postmasterPidFile())
                    .flatMap(file -> pid(file).stream())
                    .flatMap(pid -> ProcessHandle.of(pid).stream())
                    .filter(process -> names(process, node.folder())),
                ProcessHandle.allProcesses().filter(process -> names(process, node.folder())))
            .filter(process -> process.pid() != ProcessHandle.current().pid())
            .toList();
    return Stream.concat(tops.stream(), tops.stream().flatMap(ProcessHandle::descendants))
        .map(ProcessHandle::pid)
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /** The process of a pid file's first line, if it lives. */
  static Optional<Long> pid(Path file) {
    try (var lines = Files.lines(file)) {
      return lines.findFirst().map(line -> Long.parseLong(line.strip())).filter(it -> alive(it));
    } catch (IOException | NumberFormatException notThere) {
      return Optional.empty();
    }
  }

  private static boolean alive(long pid) {
    return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent();
  }

  /** All at once, and again for what was born meanwhile, until nothing is left. */
  static void kill(DemoNode node) throws IOException, InterruptedException {
    for (var attempt = 0; attempt < 20; attempt++) {
      var pids = find(node);
      if (pids.isEmpty()) {
        return;
      }
      kill(pids);
      TimeUnit.MILLISECONDS.sleep(10);
    }
    throw new CliFailure("processes of " + node.name() + " cannot be killed: " + find(node));
  }

  private static void kill(Set<Long> pids) throws IOException, InterruptedException {
    var command =
        Stream.concat(Stream.of("kill", "-KILL"), pids.stream().map(String::valueOf)).toList();
    var kill = new ProcessBuilder(command).redirectErrorStream(true).start();
    kill.getInputStream().readAllBytes();
    kill.waitFor();
  }

  /**
   * Whether an argument lies in the folder or is its configuration, {@code …/node1.yml}, of a
   * program that an agent uses. An operator's editor is none of the node's.
   */
  private static boolean names(ProcessHandle process, Path folder) {
    if (!PROGRAMS.matcher(program(process.pid())).matches()) {
      return false;
    }
    var below = folder + "/";
    var file = folder + ".yml";
    return arguments(process.pid()).stream()
        .anyMatch(argument ->
            argument.equals(folder.toString())
                || argument.equals(file)
                || argument.startsWith(below));
  }

  private static String program(long pid) {
    try {
      var link = Files.readSymbolicLink(Path.of("/proc", Long.toString(pid), "exe"));
      return link.getFileName().toString();
    } catch (IOException ended) {
      return "";
    }
  }

  private static List<String> arguments(long pid) {
    try {
      var text =
          new String(
              Files.readAllBytes(Path.of("/proc", Long.toString(pid), "cmdline")),
              StandardCharsets.UTF_8);
      return List.of(text.split("\0", -1));
    } catch (IOException ended) {
      return List.of();
    }
  }
}
