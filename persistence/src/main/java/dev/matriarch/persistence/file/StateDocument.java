package dev.matriarch.persistence.file;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.StdConverter;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import dev.matriarch.protocol.election.Incarnation;
import dev.matriarch.protocol.election.SyncSet;
import dev.matriarch.protocol.election.VoterState;
import dev.matriarch.protocol.model.NodeId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32C;

/**
 * A voter's state as JSON text, with a checksum of everything else in it and the name of the node
 * that it belongs to.
 *
 * <p>The checksum is taken of the canonical form (no white space, keys sorted), so that the layout
 * may change. A key that is not known is refused, not dropped: it could be a promise. A component
 * that is added to the state must be optional, or come with a new format version.
 */
final class StateDocument {
  private static final int FORMAT_VERSION = 1;

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .addModule(new Jdk8Module())
          .addMixIn(SyncSet.class, SortedMembers.class)
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .defaultPrettyPrinter(
              new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n")))
          .build();

  private static final JsonMapper CANONICAL =
      JsonMapper.builder().enable(JsonNodeFeature.WRITE_PROPERTIES_SORTED).build();

  private final Path path;
  private final String scope;
  private final NodeId node;

  StateDocument(Path path, String scope, NodeId node) {
    this.path = path;
    this.scope = scope;
    this.node = node;
  }

  /**
   * @throws IOException if the state cannot be written so that it could be read again
   */
  byte[] encode(Stored stored) throws IOException {
    var body = MAPPER.createObjectNode();
    body.put("scope", scope).put("node", node.value()).put("revision", stored.revision());
    body.set("state", MAPPER.valueToTree(stored.state()));
    var document = MAPPER.createObjectNode().put("formatVersion", FORMAT_VERSION);
    document.setAll(body);
    // The checksum is that of the numbers as they will be read.
    var readBack = (ObjectNode) MAPPER.readTree(MAPPER.writeValueAsBytes(document));
    var sealed = MAPPER.createObjectNode().put("formatVersion", FORMAT_VERSION);
    sealed.put("checksum", checksum(readBack)).setAll(body);
    var text = MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(sealed) + "\n";
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    decode(bytes);
    return bytes;
  }

  /**
   * @throws UnusableFileException if it is damaged, from a newer agent, or another node's
   */
  Stored decode(byte[] bytes) throws UnusableFileException {
    var document = parse(bytes);
    var version = document.path("formatVersion");
    if (!version.isInt() || version.intValue() < 1) {
      throw damaged("it has no format version");
    }
    if (version.intValue() > FORMAT_VERSION) {
      throw UnusableFileException.newer(
          path,
          "it has format %d, this one reads %d".formatted(version.intValue(), FORMAT_VERSION));
    }
    var stated = document.path("checksum").asText();
    document.remove("checksum");
    var actual = checksum(document);
    if (!actual.equals(stated)) {
      throw damaged("its content has checksum %s, not '%s'".formatted(actual, stated));
    }
    refuseForeign(document);
    return stored(document);
  }

  private ObjectNode parse(byte[] bytes) throws UnusableFileException {
    try {
      if (MAPPER.readTree(bytes) instanceof ObjectNode document) {
        return document;
      }
      throw damaged(bytes.length == 0 ? "it is empty" : "it is not a JSON object");
    } catch (JsonProcessingException e) {
      throw damaged("it is not complete JSON, " + describe(e));
    } catch (IOException e) {
      throw damaged("it is not JSON text, " + e.getMessage());
    }
  }

  private void refuseForeign(JsonNode document) throws UnusableFileException {
    var itsScope = document.path("scope").asText();
    var itsNode = document.path("node").asText();
    if (!itsScope.equals(scope) || !itsNode.equals(node.value())) {
      throw UnusableFileException.foreign(
          path,
          "it belongs to node '%s' of cluster '%s', this is node '%s' of cluster '%s'"
              .formatted(itsNode, itsScope, node, scope));
    }
  }

  private Stored stored(JsonNode document) throws UnusableFileException {
    try {
      var state = MAPPER.treeToValue(document.path("state"), VoterState.class);
      var revision = document.path("revision");
      if (state == null || !revision.isIntegralNumber() || revision.longValue() < 1) {
        throw damaged("it has no state or no revision");
      }
      if (!state.node().equals(node)) {
        throw damaged("it has the state of node '%s'".formatted(state.node()));
      }
      return new Stored(revision.longValue(), state);
    } catch (JsonProcessingException e) {
      throw damaged("it does not hold a voter's state, " + describe(e));
    }
  }

  static String checksum(ObjectNode document) {
    try {
      var crc = new CRC32C();
      crc.update(CANONICAL.writeValueAsBytes(document));
      return "crc32c:%08x".formatted(crc.getValue());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree could not be written", e);
    }
  }

  private UnusableFileException damaged(String problem) {
    return UnusableFileException.damaged(path, problem);
  }

  private static String describe(JsonProcessingException e) {
    var at = e.getLocation();
    return at == null || at.getLineNr() < 1
        ? e.getOriginalMessage()
        : "line %d column %d: %s"
            .formatted(at.getLineNr(), at.getColumnNr(), e.getOriginalMessage());
  }

  /** A set has another order in every process; the text must not. */
  private interface SortedMembers {
    @JsonProperty
    @JsonSerialize(converter = ByNode.class)
    Set<Incarnation> members();
  }

  private static final class ByNode extends StdConverter<Set<Incarnation>, List<Incarnation>> {
    @Override
    public List<Incarnation> convert(Set<Incarnation> members) {
      return members.stream()
          .sorted(Comparator.comparing(Incarnation::node).thenComparingLong(Incarnation::number))
          .toList();
    }
  }
}
