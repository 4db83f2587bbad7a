package dev.matriarch.protocol.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The picture of a node's standings in the documentation is drawn from what nodes do in walks.
 *
 * <p>{@code -Ddiagrams.update} draws it anew.
 */
class StandingDiagramTest {
  private static final Path PAGE = Path.of("../docs/internals/election.md");
  private static final String BEGIN = "```mermaid\nstateDiagram-v2\n";
  private static final String END = "```";
  private static final int WALKS = 120;

  @Test
  void thePictureShowsEveryWayThatNodesGo() throws IOException {
    var ways = new TreeSet<String>();
    for (var seed = 0; seed < WALKS; seed++) {
      ways.addAll(Walk.of(seed, Mutation.NONE, Optional.empty()).moves());
    }
    var drawn =
        ways.stream().map("    %s\n"::formatted).collect(Collectors.joining("", BEGIN, END));
    var page = Files.readString(PAGE);
    var from = page.indexOf(BEGIN);
    var to = page.indexOf(END, from + BEGIN.length()) + END.length();
    if (System.getProperty("diagrams.update") != null) {
      Files.writeString(PAGE, page.substring(0, from) + drawn + page.substring(to));
    } else {
      assertThat(page.substring(from, to)).isEqualTo(drawn);
    }
  }
}
