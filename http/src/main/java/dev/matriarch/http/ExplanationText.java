package dev.matriarch.http;

import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.report.Explanation;
import dev.matriarch.protocol.report.Explanation.Verdict;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An explanation as {@code GET /explain} gives it, as JSON or as lines of text. */
final class ExplanationText {
  private ExplanationText() {}

  static Map<String, Object> json(Identity seenBy, Explanation explanation) {
    var all = new LinkedHashMap<String, Object>();
    all.put("scope", seenBy.scope());
    all.put("seen_by", seenBy.name().value());
    all.put("term", explanation.term());
    explanation.leader().map(NodeId::value).ifPresent(it -> all.put("leader", it));
    all.put("members", explanation.members().stream().map(ExplanationText::json).toList());
    return all;
  }

  private static Map<String, Object> json(Explanation.Member member) {
    var row = new LinkedHashMap<String, Object>();
    row.put("name", member.node().value());
    row.put("leader", json(member.leader()));
    row.put("candidate", json(member.candidate()));
    row.put("synchronous", json(member.synchronous()));
    return row;
  }

  private static Map<String, Object> json(Verdict verdict) {
    var row = new LinkedHashMap<String, Object>();
    row.put("holds", verdict.holds());
    row.put("because", verdict.because());
    return row;
  }

  static String text(Identity seenBy, Explanation explanation) {
    var lines = new ArrayList<String>();
    lines.add(
        "cluster %s as %s sees it, term %d"
            .formatted(seenBy.scope(), seenBy.name(), explanation.term()));
    for (var member : explanation.members()) {
      lines.addAll(
          List.of(
              line(member, "leader", member.leader()),
              line(member, "candidate", member.candidate()),
              line(member, "synchronous", member.synchronous())));
    }
    return String.join("\n", lines) + "\n";
  }

  private static String line(Explanation.Member member, String question, Verdict verdict) {
    return "%s %s: %s, %s"
        .formatted(member.node(), question, verdict.holds() ? "yes" : "no", verdict.because());
  }
}
