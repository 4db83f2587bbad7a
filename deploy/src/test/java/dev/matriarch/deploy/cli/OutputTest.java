package dev.matriarch.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The commands against a real HTTP server, compared with golden files. */
final class OutputTest {
  private RecordedAgent agent = start("cluster.json");
  private final List<RecordedAgent> others = new ArrayList<>();

  private static RecordedAgent start(String cluster) {
    try {
      return RecordedAgent.start(
          Map.of(
              "/cluster", Golden.read(cluster),
              "/patroni", Golden.read("patroni.json"),
              "/history", Golden.read("history.json"),
              "/explain", Golden.read("explain.json")));
    } catch (IOException failure) {
      throw new AssertionError(failure);
    }
  }

  @AfterEach
  void stop() {
    agent.close();
    others.forEach(RecordedAgent::close);
  }

  @ParameterizedTest
  @CsvSource({
    "list, list.txt",
    "list -e, list-extended.txt",
    "list -f tsv, list.tsv",
    "list --format json, list.json.txt",
    "list -f yaml, list.yaml.txt",
    "list main, list.txt",
    "topology, topology.txt",
    "history, history.txt",
    "history -f json, history.json.txt",
    "history main -f tsv, history.tsv",
    "explain, explain.txt",
    "explain db2, explain-db2.txt",
    "explain db2 -f json, explain-db2.json.txt",
    "explain -f tsv, explain.tsv",
  })
  void printsWhatPatronictlPrints(String command, String golden) throws IOException {
    var arguments = new ArrayList<>(List.of(command.split(" ")));
    arguments.addAll(List.of("--url", agent.url()));

    var invoked = Invoked.run(arguments.toArray(String[]::new));

    assertThat(invoked.err()).isEmpty();
    assertThat(invoked.status()).isZero();
    Golden.check(golden, invoked.out());
  }

  @Test
  void aNodeThatIsNoMemberCannotBeExplained() {
    var invoked = Invoked.run("explain", "db9", "--url", agent.url());

    assertThat(invoked.status()).isEqualTo(1);
    assertThat(invoked.err())
        .isEqualToIgnoringNewLines(
            "Error: db9 is no member of the cluster; members are: db1, db2, db3");
  }

  @Test
  void portsAreShownWhenMembersShareAHost() throws IOException {
    var demo = start("cluster-one-host.json");
    others.add(demo);

    Golden.check("list-one-host.txt", Invoked.run("list", "--url", demo.url()).out());
  }

  @Test
  void theOptionsMayStandBeforeTheCommand() throws IOException {
    Golden.check("list.txt", Invoked.run("--url", agent.url(), "list").out());
  }

  @Test
  void anAgentThatIsDownIsPassedOver() throws IOException {
    var invoked = Invoked.run("list", "--url", "127.0.0.1:1", "--url", agent.url());

    assertThat(invoked.status()).isZero();
    Golden.check("list.txt", invoked.out());
  }

  @Test
  void whenNoAgentAnswersEachOneIsNamedWithItsReason() throws IOException {
    try (var broken = RecordedAgent.start(Map.of());
        var noAgent = RecordedAgent.start(Map.of("/cluster", "<html>"))) {
      var invoked =
          Invoked.run(
              "list", "--url", "127.0.0.1:1", "--url", broken.url(), "--url", noAgent.url());

      assertThat(invoked.status()).isEqualTo(1);
      assertThat(invoked.out()).isEmpty();
      assertThat(invoked.err())
          .isEqualToIgnoringNewLines(
              """
              Error: no agent answers:
                http://127.0.0.1:1/cluster: connection refused
                %s/cluster: HTTP status 503
                %s/cluster: the answer is no JSON; is this an agent?
              """
                  .formatted(broken.url(), noAgent.url()));
    }
  }

  @Test
  void aClusterWithAnotherNameIsRefused() {
    var invoked = Invoked.run("list", "other", "--url", agent.url());

    assertThat(invoked.status()).isEqualTo(1);
    assertThat(invoked.err()).contains("the agents belong to the cluster main, not to other");
  }

  @Test
  void aClusterWithoutDataIsUninitialized() throws IOException {
    try (var fresh =
        RecordedAgent.start(Map.of("/cluster", "{\"members\": [], \"scope\": \"new\"}"))) {
      assertThat(Invoked.run("list", "--url", fresh.url()).out())
          .startsWith("+ Cluster: new (uninitialized) ");
    }
  }

  @Test
  void theTimeIsPrintedFirstWhenAskedFor() {
    assertThat(Invoked.run("list", "-t", "--url", agent.url()).out().lines().findFirst())
        .get()
        .asString()
        .matches("\\d{4}-\\d{2}-\\d{2} \\d{2}:\\d{2}:\\d{2}");
  }

  @Test
  void wrongUsageHasStatusTwo() {
    assertThat(Invoked.run("list", "--format", "xml", "--url", agent.url()).status()).isEqualTo(2);
    assertThat(Invoked.run("lists").status()).isEqualTo(2);
  }

  @Test
  void theVersionNamesAgentAndServerOfEachMember() throws IOException {
    var cluster =
        Golden.read("cluster.json").replace("127.0.0.1:1/", "127.0.0.1:" + agent.port() + "/");
    try (var live =
        RecordedAgent.start(Map.of("/cluster", cluster, "/patroni", Golden.read("patroni.json")))) {
      assertThat(Invoked.run("version", "main", "db2", "--url", live.url()).out().lines())
          .hasSize(2)
          .last()
          .isEqualTo("db2: agent 0.1.0, PostgreSQL 15.18");
    }
  }
}
