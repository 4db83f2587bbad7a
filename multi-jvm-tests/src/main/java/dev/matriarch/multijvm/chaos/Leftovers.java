package dev.matriarch.multijvm.chaos;

import dev.matriarch.multijvm.JvmNode;
import dev.matriarch.multijvm.OsProcess;
import dev.matriarch.multijvm.TestCluster;
import dev.matriarch.multijvm.chaos.fault.Injector;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What must not be there when all is over. */
final class Leftovers {
  /** All that a node keeps, by its path below the node's folder. */
  private static final Pattern KNOWN =
      Pattern.compile(
          "data|state|pgpass|lost[+]found|\\.s\\.PGSQL\\.[0-9]+(\\.lock)?"
              + "|state/(voter\\.json(\\.lock)?|pgpass|control)"
              + "|state/control/(guardian\\.(fifo|pid|log)|postgresql\\.log|reserved-timelines"
              + "|synchronous-standby-names)");

  private static final Pattern HALF_DONE =
      Pattern.compile(".*(\\.new|\\.tmp|\\.partial|backup_label|standby\\.signal\\.old)");

  /** By their command lines. */
  private static final String AGENT = "an agent";

  private static final Map<String, Pattern> PROGRAMS =
      Map.of(
          AGENT,
          Pattern.compile("^\\S*/java .* run /"),
          "a guardian",
          Pattern.compile("^\\S*/bash .*/libexec/guardian "),
          "a postmaster",
          Pattern.compile("^\\S*/postgres -D "));

  private final TestCluster cluster;
  private final Injector injector;

  Leftovers(TestCluster cluster, Injector injector) {
    this.cluster = cluster;
    this.injector = injector;
  }

  /** What is left in a whole cluster, a line each. */
  List<String> inWholeCluster() {
    var found = new ArrayList<String>();
    for (var node : cluster.nodes()) {
      found.addAll(slots(node));
      found.addAll(files(node));
      found.addAll(processes(node));
    }
    return found;
  }

  /** A slot for each other member at the most, and on the primary each in use. */
  private List<String> slots(JvmNode node) {
    if (node.isWitness()) {
      return List.of();
    }
    var others =
        cluster.dataNodes().stream()
            .filter(it -> !it.equals(node))
            .map(JvmNode::name)
            .collect(Collectors.toSet());
    var leads = node.rest().isPrimary();
    var found = new ArrayList<String>();
    for (var slot : node.query("SELECT slot_name || ' ' || active FROM pg_replication_slots")) {
      var words = List.of(slot.split(" ", -1));
      if (!others.contains(words.getFirst())) {
        found.add("%s has the slot %s, which is no other member's".formatted(node, slot));
      } else if (leads && !words.getLast().equals("true")) {
        found.add("%s leads and has the slot %s, which nobody uses".formatted(node, slot));
      }
    }
    return found;
  }

  private static List<String> files(JvmNode node) {
    var root = node.folder();
    return Stream.of(root, node.stateDir(), node.stateDir().resolve("control"))
        .flatMap(it -> content(it).stream())
        .map(root::relativize)
        .map(Path::toString)
        .filter(it -> !KNOWN.matcher(it).matches() || HALF_DONE.matcher(it).matches())
        .map(it -> "%s has the file %s".formatted(node, it))
        .toList();
  }

  private static List<Path> content(Path folder) {
    try (var files = Files.list(folder)) {
      return files.toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One agent, and one guardian with its writers and one PostgreSQL where there are data. */
  private List<String> processes(JvmNode node) {
    var titles =
        Arrays.stream(injector.processes(node))
            .mapToObj(OsProcess::title)
            .map(String::strip)
            .toList();
    var found = new ArrayList<String>();
    for (var program : PROGRAMS.entrySet()) {
      var own = titles.stream().filter(it -> program.getValue().matcher(it).find()).toList();
      var due = node.isWitness() && !program.getKey().equals(AGENT) ? 0 : 1;
      if (own.size() != due) {
        found.add("%s has %d times %s: %s".formatted(node, own.size(), program.getKey(), own));
      }
    }
    return found;
  }

  /** Ends all agents in order, the leader last, and tells what is left then, a line each. */
  List<String> afterStop() {
    var found = new TreeSet<String>();
    var leader = cluster.primary(cluster.nodes());
    Stream.concat(
            cluster.nodes().stream().filter(it -> !leader.equals(Optional.of(it))), leader.stream())
        .forEach(node -> {
          var status = node.stop(Bounds.STOP);
          if (status != 0) {
            found.add("the agent of %s ended with status %d".formatted(node, status));
          }
        });
    for (var node : cluster.nodes()) {
      for (var pid : injector.processes(node)) {
        found.add("%s has the process %d, %s".formatted(node, pid, OsProcess.title(pid)));
      }
    }
    return List.copyOf(found);
  }
}
