package dev.matriarch.multijvm.chaos;

import dev.matriarch.multijvm.JvmNode;
import dev.matriarch.multijvm.OsProcess;
import dev.matriarch.multijvm.TestCluster;
import dev.matriarch.multijvm.chaos.fault.Fault;
import dev.matriarch.multijvm.chaos.fault.Strike;
import dev.matriarch.multijvm.chaos.history.FinalState;
import dev.matriarch.multijvm.chaos.history.History;
import dev.matriarch.multijvm.chaos.picture.Lane;
import dev.matriarch.multijvm.chaos.picture.Look;
import dev.matriarch.multijvm.chaos.picture.Span;
import dev.matriarch.multijvm.chaos.picture.Timeline;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The folder that a run leaves, with all that is needed to understand it and to have it again. */
final class Report {
  private static final List<List<String>> NETWORK =
      List.of(
          List.of("ip", "-br", "addr"), List.of("nft", "list", "ruleset"), List.of("ss", "-tnoi"));

  private final Path folder;

  /** Makes the folder. */
  Report(Path folder) throws IOException {
    this.folder = Files.createDirectories(folder);
  }

  Path folder() {
    return folder;
  }

  void text(String file, String text) throws IOException {
    Files.writeString(folder.resolve(file), text + System.lineSeparator());
  }

  /** Tables and pictures of the recovery times. */
  void recoveries(String title, List<RoundReport> rounds) throws IOException {
    var recoveries = Recoveries.of(rounds);
    text("recoveries.md", recoveries.table());
    text("recoveries.svg", RecoveryPicture.svg(title, recoveries));
  }

  /** What happened, while its cluster is still there. */
  void episode(Episode episode, TestCluster cluster, Roles roles, String title) throws IOException {
    var until = System.nanoTime();
    episode.history().write(folder.resolve("history.jsonl"));
    FinalState.write(folder.resolve("ends.jsonl"), episode.ends());
    text("timeline.svg", timeline(episode, cluster, roles, title, until));
    var merged =
        new MergedLog(ZoneId.systemDefault(), episode.history().origin().wall(episode.begun()));
    for (var strike : episode.strikes()) {
      merged.add(line(episode.history(), strike.begun(), "begins: " + strike.text()));
      merged.add(line(episode.history(), strike.ended(), "ended: " + strike.text()));
    }
    for (var node : cluster.nodes()) {
      state(node);
      logs(node, clock(episode, node), merged);
    }
    Files.write(folder.resolve("merged.log"), merged.lines().toList());
  }

  private static MergedLog.Line line(History history, long moment, String text) {
    return new MergedLog.Line(history.origin().wall(moment), "chaos", text);
  }

  private void logs(JvmNode node, JumpingClock clock, MergedLog merged) throws IOException {
    Files.write(folder.resolve(node.name() + ".log"), node.log());
    merged.add(node.name() + " agent", node.log(), clock);
    for (var name : List.of("guardian.log", "postgresql.log")) {
      var file = node.stateDir().resolve("control").resolve(name);
      if (Files.exists(file)) {
        var copy = folder.resolve("%s-%s".formatted(node.name(), name));
        Files.write(copy, Files.readAllBytes(file));
        var lines = Files.readAllLines(copy, StandardCharsets.ISO_8859_1);
        merged.add("%s %s".formatted(node.name(), name.replace(".log", "")), lines, clock);
      }
    }
  }

  /** What the agent says and does at the moment, and what its voter has stored. */
  private void state(JvmNode node) throws IOException {
    var text = new StringBuilder();
    for (var path : List.of("/patroni", "/cluster", "/config", "/failovers", "/explain")) {
      text.append("GET %s%n%s%n%n".formatted(path, node.rest().get(path).body()));
    }
    var votes = node.stateDir().resolve("voter.json");
    text.append(
        "voter.json%n%s%n".formatted(Files.exists(votes) ? Files.readString(votes) : "none"));
    node.place()
        .namespace()
        .ifPresent(it -> {
          for (var question : NETWORK) {
            var command = Stream.concat(Stream.of("ip", "netns", "exec", it), question.stream());
            text.append("%s%n%s%n".formatted(question, OsProcess.run(command.toList())));
          }
        });
    text(node.name() + "-state.txt", text.toString());
    var threads = folder.resolve(node.name() + "-threads.txt").toAbsolutePath().toString();
    var jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    node.agentPid()
        .ifPresent(pid ->
            OsProcess.run(
                List.of("timeout", "10", jcmd, "" + pid, "Thread.dump_to_file", threads)));
  }

  private static JumpingClock clock(Episode episode, JvmNode node) {
    return new JumpingClock(
        episode.strikes().stream()
            .flatMap(it -> it.clockJump(node.name(), episode.history().origin()).stream())
            .toList());
  }

  // --- picture ----------------------------------------------------------------------------------

  /** Roles, faults and acknowledgements. */
  void timeline(Episode episode, TestCluster cluster, Roles roles, String title, int number)
      throws IOException {
    text(
        "timeline-%d.svg".formatted(number),
        timeline(episode, cluster, roles, title, System.nanoTime()));
  }

  private static String timeline(
      Episode episode, TestCluster cluster, Roles roles, String title, long until) {
    var lanes = new ArrayList<Lane>();
    for (var node : cluster.nodes()) {
      lanes.add(
          Lane.of(
              node.name(),
              roles.spans(node.name(), episode.begun(), until),
              spans(episode.strikes().stream().filter(it -> it.isOf(node.name()))),
              episode.history()));
    }
    var general =
        episode.strikes().stream()
            .filter(it -> cluster.nodes().stream().noneMatch(node -> it.isOf(node.name())));
    return new Timeline(title, episode.begun(), until, spans(general), lanes).svg();
  }

  private static List<Span> spans(Stream<StrikeReport> strikes) {
    return strikes
        .filter(StrikeReport::isDone)
        .map(it -> new Span(look(it.strike()), it.begun(), it.ended(), it.strike().kind().option()))
        .toList();
  }

  private static Look look(Strike strike) {
    return strike.kind().fault() instanceof Fault.Request ? Look.COMMAND : Look.FAULT;
  }
}
