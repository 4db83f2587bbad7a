package dev.matriarch.multijvm.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.matriarch.multijvm.JvmNode;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Optional;

/**
 * What a voter has stored.
 *
 * @param store its own id
 * @param voters the record's
 * @param fenced whether it has promised to take no WAL
 */
record VoterFile(String store, JsonNode voters, boolean fenced) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Empty if there is none, or no record in it yet. */
  static Optional<VoterFile> of(JvmNode node) {
    try {
      var state =
          JSON.readTree(Files.readString(node.stateDir().resolve("voter.json"))).path("state");
      var voters = state.path("accepted").path("record").path("voters");
      return voters.isObject()
          ? Optional.of(
              new VoterFile(state.path("store").asText(), voters, state.path("fenced").asBoolean()))
          : Optional.empty();
    } catch (IOException absent) {
      return Optional.empty();
    }
  }

  /** Whether the vote of this node counts, as this record has it. */
  boolean counts(String node, String itsStore) {
    return voters.path(node).asText().equals(itsStore);
  }
}
