package dev.matriarch.persistence.file;

import static dev.matriarch.persistence.Samples.ALPHA;
import static dev.matriarch.persistence.Samples.SCOPE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.matriarch.persistence.Samples;
import dev.matriarch.protocol.election.VoterState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

final class StateDocumentTest {
  /** Rewritten by {@code -Dgolden.rewrite=true}; a change needs a format version of its own. */
  private static final Path GOLDEN = Path.of("src/test/resources/voter-state.json");

  private static final JsonMapper MAPPER = new JsonMapper();
  private final StateDocument document = new StateDocument(Path.of("/f"), SCOPE, ALPHA);

  @Test
  void theTextIsReadableAndStable() throws IOException {
    var bytes = document.encode(new Stored(12, Samples.full()));
    if (Boolean.getBoolean("golden.rewrite")) {
      Files.write(GOLDEN, bytes);
    }
    assertThat(new String(bytes, StandardCharsets.UTF_8)).isEqualTo(Files.readString(GOLDEN));
  }

  @Test
  void whatWasOnceWrittenIsStillRead() throws IOException {
    assertThat(document.decode(Files.readAllBytes(GOLDEN)))
        .isEqualTo(new Stored(12, Samples.full()));
  }

  @Test
  void anotherLayoutOfTheSameContentIsRead() throws IOException {
    var compact = MAPPER.writeValueAsBytes(MAPPER.readTree(Files.readAllBytes(GOLDEN)));
    assertThat(document.decode(compact)).isEqualTo(new Stored(12, Samples.full()));
  }

  @Test
  void anOptionalComponentThatOlderAgentsDidNotWriteIsEmpty() throws IOException {
    var older = sealed(it -> ((ObjectNode) it.get("state")).remove("reported"));
    assertThat(document.decode(older).state().reported()).isEmpty();
  }

  @Test
  void aMissingComponentThatIsNotOptionalIsRefused() {
    for (var name : new String[] {"promised", "longestTtlMs", "store", "fenced"}) {
      assertThatThrownBy(
              () -> document.decode(sealed(it -> ((ObjectNode) it.get("state")).remove(name))))
          .as(name)
          .isInstanceOf(UnusableFileException.class)
          .hasMessageContaining("does not hold a voter's state");
    }
  }

  @Test
  void anUnknownComponentIsRefusedRatherThanForgotten() {
    assertThatThrownBy(
            () -> document.decode(sealed(it -> ((ObjectNode) it.get("state")).put("oath", 1))))
        .isInstanceOf(UnusableFileException.class)
        .hasMessageContaining("oath");
  }

  @Test
  void aNewerFormatIsRefusedByItsNumber() {
    assertThatThrownBy(() -> document.decode(sealed(it -> it.put("formatVersion", 2))))
        .isInstanceOf(UnusableFileException.class)
        .hasMessageContaining("written by a newer agent")
        .hasMessageContaining("format 2, this one reads 1");
  }

  @Test
  void aStateThatCouldNotBeReadAgainIsNotWritten() {
    var foreign = VoterState.fresh(Samples.BETA, Samples.full().store(), 1);
    assertThatThrownBy(() -> document.encode(new Stored(1, foreign)))
        .isInstanceOf(IOException.class);
  }

  /** The golden document after a change, with the checksum that fits. */
  private static byte[] sealed(Consumer<ObjectNode> change) throws IOException {
    var tree = (ObjectNode) MAPPER.readTree(Files.readAllBytes(GOLDEN));
    tree.remove("checksum");
    change.accept(tree);
    return MAPPER.writeValueAsBytes(tree.put("checksum", StateDocument.checksum(tree)));
  }
}
