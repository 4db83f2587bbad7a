package dev.matriarch.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code switchover} and {@code failover} against a real HTTP server. */
final class HandOverTest {
  private static final String DONE = "Successfully switched over to \"db2\"";

  private final InputStream terminal = System.in;
  private final RecordedAgent agent = start();

  private static RecordedAgent start() {
    try {
      return RecordedAgent.start(
          Map.of(
              "/cluster",
              Golden.read("cluster-unpaused.json"),
              "/patroni",
              Golden.read("patroni.json"),
              "/switchover",
              DONE,
              "/failover",
              DONE));
    } catch (IOException failure) {
      throw new AssertionError(failure);
    }
  }

  @BeforeEach
  void nobodyAnswers() {
    answers();
  }

  @AfterEach
  void stop() {
    System.setIn(terminal);
    agent.close();
  }

  @Test
  void theMembersAreShownBeforeAndAfter() throws IOException {
    var invoked = run("switchover", "--candidate", "db2", "--force");
    assertThat(invoked.err()).isEmpty();
    assertThat(invoked.status()).isZero();
    Golden.check("switchover.txt", withoutTime(invoked.out()));
    assertThat(agent.posted())
        .containsExactly("/switchover {\"leader\":\"db1\",\"candidate\":\"db2\"}");
  }

  @Test
  void whatIsMissingIsAskedFor() throws IOException {
    answers("", "db2", "y");
    var invoked = run("switchover");
    assertThat(invoked.err()).isEmpty();
    Golden.check("switchover-asked.txt", withoutTime(invoked.out()));
    assertThat(agent.posted())
        .containsExactly("/switchover {\"leader\":\"db1\",\"candidate\":\"db2\"}");
  }

  @Test
  void noCandidateMeansTheBestOne() {
    run("switchover", "--primary", "db1", "--force");
    answers("db1", "", "yes");
    run("switchover");
    assertThat(agent.posted())
        .containsExactly("/switchover {\"leader\":\"db1\"}", "/switchover {\"leader\":\"db1\"}");
  }

  @Test
  void withoutAYesNothingIsDone() {
    answers("db1", "db2", "");
    assertThat(run("switchover").err()).contains("Error: Aborting switchover");
    answers("db3", "n");
    assertThat(run("failover").err()).contains("Error: Aborting failover");
    answers();
    assertThat(run("failover", "--candidate", "db2").err()).contains("nobody answers");
    assertThat(agent.posted()).isEmpty();
  }

  @Test
  void aFailoverToAnAsynchronousNodeIsAskedForTwice() {
    answers("y", "y");
    var invoked = run("failover", "--candidate", "db3");
    assertThat(invoked.out())
        .contains("Are you sure you want to failover to the asynchronous node db3? [y/N]: ")
        .contains("Are you sure you want to failover cluster main, demoting current leader db1?");
    assertThat(agent.posted()).containsExactly("/failover {\"candidate\":\"db3\"}");
  }

  @Test
  void whatCannotBeMeantIsRefusedBeforeAnythingIsAsked() {
    assertThat(run("switchover", "--leader", "db2", "--force").err())
        .contains("Member db2 is not the leader of cluster main");
    assertThat(run("switchover", "--candidate", "db1", "--force").err())
        .contains("Member db1 is already the leader of cluster main");
    assertThat(run("switchover", "--candidate", "db4", "--force").err())
        .contains("Member db4 does not exist in cluster main or is tagged as nofailover");
    assertThat(run("failover", "--force").err())
        .contains("Failover could be performed only to a specific candidate");
    assertThat(run("switchover", "--scheduled", "2030-01-01T00:00", "--force").err())
        .contains("a switchover cannot be scheduled");
    assertThat(agent.posted()).isEmpty();
  }

  @Test
  void aRefusalOfTheClusterIsAnError() throws IOException {
    try (var refusing =
        RecordedAgent.start(Map.of("/cluster", Golden.read("cluster-unpaused.json")))) {
      var invoked = Invoked.run("switchover", "--force", "--url", refusing.url());
      assertThat(invoked.status()).isEqualTo(1);
      assertThat(invoked.err()).startsWith("Error: Switchover failed, details: 503, ");
    }
  }

  @Test
  void theLoginOfTheFileIsShown(@TempDir Path folder) throws IOException {
    var file = folder.resolve("agent.yml");
    Files.writeString(
        file,
        """
        restapi:
          connect_address: 127.0.0.1:%d
          authentication: {username: admin, password: secret}
        """
            .formatted(agent.port()));
    var invoked = Invoked.run("switchover", "--force", "-c", file.toString());
    assertThat(invoked.err()).isEmpty();
    assertThat(agent.authorized()).containsExactly("Basic YWRtaW46c2VjcmV0");
  }

  private Invoked run(String... arguments) {
    var all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--url", agent.url()));
    return Invoked.run(all.toArray(String[]::new));
  }

  private static void answers(String... lines) {
    var text = lines.length == 0 ? "" : String.join("\n", lines) + "\n";
    System.setIn(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
  }

  private static String withoutTime(String text) {
    return text.replaceAll("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{5} ", "TIME ");
  }
}
