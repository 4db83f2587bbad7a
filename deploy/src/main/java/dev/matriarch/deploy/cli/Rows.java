package dev.matriarch.deploy.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.matriarch.deploy.cli.TextTable.Align;
import dev.matriarch.deploy.cli.TextTable.Column;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Rows with named columns, printable in every {@link OutputFormat}. An absent cell is printed as
 * nothing; the formats for programs leave it out.
 */
record Rows(List<String> columns, List<SequencedMap<String, JsonNode>> rows) {
  private static final Set<String> RIGHT =
      Set.of("TL", "LSN", "Receive LSN", "Receive Lag", "Replay LSN", "Replay Lag");

  private static final YAMLMapper YAML =
      YAMLMapper.builder()
          .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
          .disable(YAMLGenerator.Feature.SPLIT_LINES)
          .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
          .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
          .build();

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .defaultPrettyPrinter(new Spaced())
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  /** One line, with a blank behind commas and colons: scripts search for {@code "Role": "…"}. */
  private static final class Spaced extends MinimalPrettyPrinter {
    private static final long serialVersionUID = 1;

    @Override
    public void writeObjectFieldValueSeparator(JsonGenerator out) throws IOException {
      out.writeRaw(": ");
    }

    @Override
    public void writeObjectEntrySeparator(JsonGenerator out) throws IOException {
      out.writeRaw(", ");
    }

    @Override
    public void writeArrayValueSeparator(JsonGenerator out) throws IOException {
      out.writeRaw(", ");
    }
  }

  /**
   * The text of all rows, without a line end after the last.
   *
   * @param title stands in the frame of the table; other formats have none
   */
  String render(OutputFormat format, String title) {
    return switch (format) {
      case PRETTY -> table(title).render();
      case TSV -> separated();
      case JSON -> json(present());
      case YAML, YML -> yaml(sorted(present()));
    };
  }

  /** All columns but the name of the cluster, which is in the title. */
  private TextTable table(String title) {
    var shown = columns.stream().filter(column -> !column.equals("Cluster")).toList();
    var headers =
        shown.stream()
            .map(column ->
                new Column(
                    column.endsWith(" Lag") ? "Lag" : column,
                    RIGHT.contains(column) ? Align.RIGHT : Align.LEFT))
            .toList();
    var cells =
        rows.stream().map(row -> shown.stream().map(column -> text(row, column)).toList()).toList();
    return new TextTable(title, headers, cells);
  }

  private static String text(Map<String, JsonNode> row, String column) {
    var value = row.get(column);
    if (value == null) {
      return "";
    }
    return value.isContainerNode() ? yaml(value) : value.asText();
  }

  private String separated() {
    var lines = new ArrayList<String>();
    lines.add(String.join("\t", columns));
    for (var row : rows) {
      lines.add(
          columns.stream()
              .map(column -> {
                var value = row.get(column);
                return value != null && value.isContainerNode() ? json(value) : text(row, column);
              })
              .collect(Collectors.joining("\t")));
    }
    return String.join("\n", lines);
  }

  private List<SequencedMap<String, JsonNode>> present() {
    var elements = new ArrayList<SequencedMap<String, JsonNode>>();
    for (var row : rows) {
      var element = new LinkedHashMap<String, JsonNode>();
      for (var column : columns) {
        var value = row.get(column);
        if (value != null && !(value.isTextual() && value.asText().isEmpty())) {
          element.put(column, value);
        }
      }
      elements.add(element);
    }
    return elements;
  }

  private static List<TreeMap<String, JsonNode>> sorted(List<SequencedMap<String, JsonNode>> rows) {
    return rows.stream().map(TreeMap::new).toList();
  }

  private static String json(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException failure) {
      throw new IllegalStateException(failure);
    }
  }

  private static String yaml(Object value) {
    try {
      return YAML.writeValueAsString(value).strip();
    } catch (JsonProcessingException failure) {
      throw new IllegalStateException(failure);
    }
  }
}
