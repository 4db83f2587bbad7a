package dev.matriarch.protocol.sim;

import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.sync.SyncMode;
import dev.matriarch.protocol.sync.SyncPolicy;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A situation as a file tells it: the header, the script, and the trace that must come of them.
 *
 * @param intro header and script as they stand in the file, for writing it anew
 * @param header its settings by name
 * @param trace what is expected, line by line
 */
record ScenarioText(
    String intro, Map<String, String> header, List<Event> script, List<String> trace) {

  private static final String SCRIPT = "--- script";
  private static final String TRACE = "--- trace";
  private static final Pattern TIME = Pattern.compile("(\\d+(?:\\.\\d+)?)(ms|s)");
  private static final Pattern POLICY = Pattern.compile("(on|quorum)( strict)?(?: count (\\d+))?");
  private static final Set<String> SETTINGS =
      Set.of(
          "members",
          "witness",
          "data",
          "priority",
          "nofailover",
          "nosync",
          "jitter",
          "ttl",
          "maximum_lag",
          "mode",
          "sync",
          "policy",
          "begin");

  /** Something that the script does at a time, microseconds from its beginning. */
  record Event(long atUs, String what) {}

  static ScenarioText parse(String text) {
    var header = new LinkedHashMap<String, String>();
    var script = new ArrayList<Event>();
    var trace = new ArrayList<String>();
    var intro = new StringBuilder();
    var part = "header";
    for (var line : text.lines().toList()) {
      if (part.equals(TRACE)) {
        trace.add(line);
        continue;
      }
      intro.append(line).append('\n');
      if (line.equals(SCRIPT) || line.equals(TRACE)) {
        part = line;
      } else if (!line.isBlank() && !line.startsWith("#")) {
        if (part.equals(SCRIPT)) {
          var event = event(line.strip());
          check(
              script.isEmpty() || script.getLast().atUs() <= event.atUs(),
              "'%s' comes after something later".formatted(line));
          script.add(event);
        } else {
          setting(header, line);
        }
      }
    }
    check(part.equals(TRACE), "there is no line '%s' and none '%s'".formatted(SCRIPT, TRACE));
    check(!script.isEmpty() && script.getLast().what().equals("end"), "the script has no 'end'");
    return new ScenarioText(intro.toString(), Map.copyOf(header), List.copyOf(script), trace);
  }

  private static void setting(Map<String, String> header, String line) {
    var parts = line.split(":", 2);
    check(parts.length == 2, "'%s' is no setting: NAME: VALUE".formatted(line));
    var name = parts[0].strip();
    check(SETTINGS.contains(name), "'%s' is none of %s".formatted(name, SETTINGS));
    check(header.put(name, parts[1].strip()) == null, name + " is there twice");
  }

  private static Event event(String line) {
    var parts = line.split("\\s+", 2);
    check(parts.length == 2, "'%s' is no event: TIME WHAT".formatted(line));
    return new Event(timeUs(parts[0]), parts[1]);
  }

  /** {@code 1.5s} or {@code 20ms}, in microseconds. */
  static long timeUs(String text) {
    var found = TIME.matcher(text);
    check(found.matches(), "'%s' is no time such as 1.5s or 20ms".formatted(text));
    return Math.round(
        Double.parseDouble(found.group(1)) * (found.group(2).equals("s") ? 1e6 : 1e3));
  }

  Optional<String> setting(String name) {
    return Optional.ofNullable(header.get(name));
  }

  /** A setting that is a list of nodes. */
  List<NodeId> nodes(String name) {
    return setting(name).stream()
        .flatMap(it -> Pattern.compile("\\s+").splitAsStream(it))
        .map(NodeId::new)
        .toList();
  }

  /** A setting such as {@code a=1 b=2}; a node without a number has {@code otherwise}. */
  Map<NodeId, Long> numbers(String name, long otherwise) {
    var numbers = new LinkedHashMap<NodeId, Long>();
    for (var node : nodes(name)) {
      var parts = node.value().split("=", 2);
      var number = parts.length == 2 ? Long.parseLong(parts[1]) : otherwise;
      numbers.put(new NodeId(parts[0]), number);
    }
    return numbers;
  }

  /** What the planner goes by: {@code off}, or {@code on} or {@code quorum} and what follows. */
  static SyncPolicy policy(String text) {
    if (text.equals("off")) {
      return SyncPolicy.ASYNCHRONOUS;
    }
    var found = POLICY.matcher(text);
    check(found.matches(), "'%s' is no policy such as 'quorum strict count 2'".formatted(text));
    var count = found.group(3) == null ? 1 : Integer.parseInt(found.group(3));
    return new SyncPolicy(
        found.group(1).equals("on") ? SyncMode.PRIORITY : SyncMode.QUORUM,
        found.group(2) != null,
        count,
        OptionalLong.empty(),
        SyncPolicy.PATIENCE);
  }

  /** The whole file with this trace. */
  String with(List<String> newTrace) {
    return intro + String.join("\n", newTrace) + "\n";
  }

  static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
