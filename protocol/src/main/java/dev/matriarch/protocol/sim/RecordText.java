package dev.matriarch.protocol.sim;

import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.election.Electorate;
import dev.matriarch.protocol.election.SyncSet;
import dev.matriarch.protocol.election.VersionedRecord;
import dev.matriarch.protocol.model.NodeId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** A cluster record in words: all of it, or what is new in it. */
final class RecordText {
  private static final ClusterRecord NOTHING =
      new ClusterRecord(
          0,
          Optional.empty(),
          Optional.empty(),
          0,
          Electorate.ofUnheard(Set.of()),
          Optional.empty(),
          Optional.empty(),
          List.of(),
          0,
          Optional.empty(),
          Map.of("n", 0));

  private RecordText() {}

  /** What is other in {@code value} than in the record before it. */
  static String of(VersionedRecord value, Optional<ClusterRecord> before) {
    var news = news(before.orElse(NOTHING), value.record());
    return value.version() + (news.isEmpty() ? "" : ": " + String.join(", ", news));
  }

  private static List<String> news(ClusterRecord was, ClusterRecord now) {
    var news = new ArrayList<String>();
    if (!was.leader().equals(now.leader())) {
      news.add(now.leader().map(it -> "leader " + it).orElse("no leader"));
    }
    if (was.timeline() != now.timeline()) {
      news.add("timeline " + now.timeline());
    }
    if (was.ttlMs() != now.ttlMs()) {
      news.add("ttl " + now.ttlMs() + " ms");
    }
    if (!was.voters().equals(now.voters())) {
      news.add("voters " + voters(now.voters()));
    }
    if (!was.outgoing().equals(now.outgoing())) {
      news.add(
          now.outgoing()
              .map(it -> "and still " + voters(it))
              .orElse("the voters before them no longer count"));
    }
    if (!was.sync().equals(now.sync())) {
      news.add(now.sync().map(RecordText::sync).orElse("asynchronous"));
    }
    if (!was.systemIdentifier().equals(now.systemIdentifier())) {
      now.systemIdentifier().ifPresent(it -> news.add("the data are " + it));
    }
    if (!was.config().equals(now.config())) {
      news.add("another configuration");
    }
    return news;
  }

  private static String voters(Electorate voters) {
    return voters.stores().entrySet().stream()
        .map(it -> it.getValue().value().isEmpty() ? it.getKey() + "?" : it.getValue().value())
        .collect(Collectors.joining(" "));
  }

  /** As PostgreSQL counts: how many of whom. Nodes, since the numbers of their lives say little. */
  private static String sync(SyncSet set) {
    var nodes = new TreeSet<NodeId>();
    set.members().forEach(it -> nodes.add(it.node()));
    var names = nodes.stream().map(NodeId::value).collect(Collectors.joining(" "));
    return "each commit on %d of {%s}".formatted(set.copies(), names);
  }
}
