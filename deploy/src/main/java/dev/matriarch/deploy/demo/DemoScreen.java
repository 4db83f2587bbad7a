package dev.matriarch.deploy.demo;

import dev.matriarch.deploy.cli.ClusterReport;
import dev.matriarch.deploy.cli.ClusterReport.Member;
import dev.matriarch.deploy.cli.TextTable;
import dev.matriarch.deploy.cli.TextTable.Align;
import dev.matriarch.deploy.cli.TextTable.Column;
import dev.matriarch.deploy.demo.DemoCluster.DemoNode;
import java.util.List;
import java.util.Optional;

/** The text of the demo's screen: the members now, and what to try. Fits 80 columns, 24 lines. */
final class DemoScreen {
  private static final List<Column> COLUMNS =
      List.of(
          new Column("Member", Align.LEFT),
          new Column("Role", Align.LEFT),
          new Column("State", Align.LEFT),
          new Column("TL", Align.RIGHT),
          new Column("Lag", Align.RIGHT),
          new Column("PostgreSQL", Align.RIGHT),
          new Column("REST", Align.RIGHT));

  private DemoScreen() {}

  /**
   * @param report absent while no agent answers
   */
  static String render(DemoCluster cluster, Optional<ClusterReport> report) {
    var title = report.map(it -> " Matriarch demo: " + it.scope() + " ").orElse(" Matriarch demo ");
    var rows =
        cluster.nodes().stream()
            .map(node -> row(node, report.flatMap(it -> member(it, node))))
            .toList();
    return new TextTable(title, COLUMNS, rows).render() + "\n" + advice(cluster, report);
  }

  private static Optional<Member> member(ClusterReport report, DemoNode node) {
    return report.members().stream()
        .filter(member -> member.name().equals(node.name()))
        .findFirst();
  }

  private static List<String> row(DemoNode node, Optional<Member> member) {
    return List.of(
        node.name(),
        member.map(Member::role).orElse(""),
        member.map(Member::state).orElse("no answer"),
        member.map(it -> it.text("timeline")).orElse(""),
        member.map(DemoScreen::lag).orElse(""),
        Integer.toString(node.postgresPort()),
        Integer.toString(node.restPort()));
  }

  private static String lag(Member member) {
    var lagBytes = member.json().path("lag");
    return lagBytes.isNumber() ? lagBytes.asLong() + " B" : lagBytes.asText("");
  }

  /** Names the leader of this moment in the command that kills it. */
  private static String advice(DemoCluster cluster, Optional<ClusterReport> report) {
    var leader =
        report
            .flatMap(it -> it.members().stream().filter(Member::leads).findFirst())
            .map(Member::name)
            .orElse(cluster.nodes().getFirst().name());
    var directory = cluster.directory();
    var rest = cluster.nodes().getFirst().rest();
    return """

    Try this in another terminal:
      cd %s
      %-16s # the primary, through HAProxy; -p %d: a replica
      %-16s # kill -9: agent, guardian and PostgreSQL of the leader
      %-16s # bring it back
      curl -s %s/cluster
      ./matriarch history
    Logs: %s/*.log
    Ctrl-C stops everything; the data stay where they are.\
    """
        .formatted(
            directory,
            "./psql",
            cluster.replicaPort(),
            "./crash " + leader,
            "./start " + leader,
            rest,
            directory);
  }
}
