package dev.matriarch.deploy.cli;

import java.io.PrintWriter;
import java.net.URI;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What {@code switchover} and {@code failover} have in common: the questions, the order, and the
 * members before and after.
 */
final class HandOver {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSSSS", Locale.ROOT);

  /** Which of the two. */
  enum Action {
    SWITCHOVER,
    FAILOVER;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final Action action;
  private final AgentClient agents;
  private final PrintWriter out;
  private final boolean force;
  private final Questions questions;

  HandOver(Action action, AgentClient agents, PrintWriter out, boolean force) {
    this.action = action;
    this.agents = agents;
    this.out = out;
    this.force = force;
    questions = new Questions(out);
  }

  /**
   * Asks what is missing, has it done, and shows what has become of it.
   *
   * @throws CliFailure when it is not done
   */
  void run(List<String> scopes, Optional<String> leader, Optional<String> candidate) {
    var cluster = Asked.cluster(agents, scopes);
    out.println("Current cluster topology");
    show(cluster);
    var leading = cluster.members().stream().filter(ClusterReport.Member::leads).findFirst();
    var present = leading.map(ClusterReport.Member::name);
    var body = new LinkedHashMap<String, String>();
    if (action == Action.SWITCHOVER) {
      body.put("leader", leader(cluster, leader, present));
    }
    var chosen = candidate(cluster, candidate, present);
    chosen.ifPresent(it -> body.put("candidate", it));
    confirm(cluster, present, chosen);
    var executor =
        leading
            .or(() -> chosen.flatMap(it -> member(cluster, it)))
            .map(it -> it.text("api_url"))
            .filter(url -> !url.isEmpty())
            .map(Connection::address);
    send(executor, body);
    show(Asked.cluster(agents, scopes));
  }

  private void send(Optional<URI> executor, Map<String, String> body) {
    var reply = agents.post(executor, "/" + action, body);
    if (reply.status() != 200) {
      var title = action == Action.SWITCHOVER ? "Switchover" : "Failover";
      throw new CliFailure(
          "%s failed, details: %d, %s".formatted(title, reply.status(), reply.text()));
    }
    out.println(
        "%s %s".formatted(LocalDateTime.now(ZoneId.systemDefault()).format(TIME), reply.text()));
  }

  private String leader(ClusterReport cluster, Optional<String> named, Optional<String> present) {
    if (present.isEmpty()) {
      throw new CliFailure("This cluster has no leader");
    }
    var leader =
        named.orElseGet(() -> force ? present.get() : questions.text("Primary", present.get()));
    if (!leader.equals(present.get())) {
      throw new CliFailure(
          "Member %s is not the leader of cluster %s".formatted(leader, cluster.scope()));
    }
    return leader;
  }

  private Optional<String> candidate(
      ClusterReport cluster, Optional<String> named, Optional<String> leader) {
    var names =
        cluster.members().stream()
            .filter(it -> !leader.equals(Optional.of(it.name())))
            .filter(it -> !it.json().path("tags").path("nofailover").asBoolean(false))
            .map(ClusterReport.Member::name)
            .sorted()
            .toList();
    if (names.isEmpty()) {
      throw new CliFailure("No candidates found to %s to".formatted(action));
    }
    var shown = names.stream().map("'%s'"::formatted).toList();
    var chosen =
        named
            .or(() ->
                force ? Optional.empty() : Optional.of(questions.text("Candidate " + shown, "")))
            .filter(it -> !it.isEmpty());
    if (chosen.isEmpty() && action == Action.FAILOVER) {
      throw new CliFailure("Failover could be performed only to a specific candidate");
    }
    if (chosen.isPresent() && chosen.equals(leader)) {
      throw new CliFailure(
          "Member %s is already the leader of cluster %s".formatted(chosen.get(), cluster.scope()));
    }
    if (chosen.filter(it -> !names.contains(it)).isPresent()) {
      throw new CliFailure(
          "Member %s does not exist in cluster %s or is tagged as nofailover"
              .formatted(chosen.get(), cluster.scope()));
    }
    return chosen;
  }

  private void confirm(ClusterReport cluster, Optional<String> leader, Optional<String> candidate) {
    if (force) {
      return;
    }
    if (action == Action.FAILOVER && isAsynchronousBesideOthers(cluster, candidate)) {
      require(
          "Are you sure you want to failover to the asynchronous node %s?"
              .formatted(candidate.orElse("-")));
    }
    require(
        "Are you sure you want to %s cluster %s%s?"
            .formatted(
                action,
                cluster.scope(),
                leader.map(", demoting current leader %s"::formatted).orElse("")));
  }

  private void require(String question) {
    if (!questions.confirm(question)) {
      throw new CliFailure("Aborting " + action);
    }
  }

  private static boolean isAsynchronousBesideOthers(
      ClusterReport cluster, Optional<String> candidate) {
    return cluster.members().stream().anyMatch(HandOver::isSynchronous)
        && candidate.flatMap(it -> member(cluster, it)).filter(HandOver::isSynchronous).isEmpty();
  }

  private static boolean isSynchronous(ClusterReport.Member member) {
    return member.role().equals("sync_standby") || member.role().equals("quorum_standby");
  }

  private static Optional<ClusterReport.Member> member(ClusterReport cluster, String name) {
    return cluster.members().stream().filter(it -> it.name().equals(name)).findFirst();
  }

  private void show(ClusterReport cluster) {
    out.println(
        MemberListing.list(cluster, false, OutputFormat.PRETTY)
            .render(OutputFormat.PRETTY, MemberListing.title(cluster)));
    MemberListing.footer(cluster).forEach(out::println);
  }
}
