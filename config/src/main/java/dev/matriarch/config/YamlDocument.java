package dev.matriarch.config;

import dev.matriarch.config.YamlValue.Mapping;
import dev.matriarch.config.YamlValue.Nothing;
import dev.matriarch.config.YamlValue.Scalar;
import dev.matriarch.config.YamlValue.Sequence;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * Reads YAML 1.1 with anchors and merge keys, as Patroni's own reader does, into values that know
 * their line.
 *
 * <p>Jackson's YAML reader is not used here: it takes an alias for a text, has no merge keys, and
 * knows no line once the tree is built.
 */
final class YamlDocument {
  private static final Set<Tag> TYPED = Set.of(Tag.BOOL, Tag.INT, Tag.FLOAT);

  private final Findings findings;
  private final Scalars scalars = new Scalars();
  private final Set<Node> open = new HashSet<>();

  private YamlDocument(Findings findings) {
    this.findings = findings;
  }

  /** The document's keys; empty if it cannot be read, and then the findings say why. */
  static Optional<Mapping> parse(String text, Findings findings) {
    try {
      var root = new Yaml(new Scalars()).compose(new StringReader(text));
      if (root == null || root.getTag().equals(Tag.NULL)) {
        findings.problem("", "", "The file is empty: write at least scope, name and restapi.", 0);
        return Optional.empty();
      }
      if (new YamlDocument(findings).value(root, "") instanceof Mapping mapping) {
        return Optional.of(mapping);
      }
      findings.problem("", "", "The file must consist of keys and values, 'name: node1'.", 1);
      return Optional.empty();
    } catch (MarkedYAMLException e) {
      findings.problem("", "", syntaxError(e), 0);
      return Optional.empty();
    } catch (YAMLException e) {
      findings.problem(
          "",
          "",
          "The file is not YAML: it has characters that cannot be printed, or is too large or too"
              + " deeply nested.",
          0);
      return Optional.empty();
    }
  }

  /** The parser's own message quotes the line, which may hold a password: it is not used. */
  private static String syntaxError(MarkedYAMLException error) {
    var mark = Optional.ofNullable(error.getProblemMark()).or(() -> context(error));
    var where =
        mark.map(at -> "line %d, column %d".formatted(at.getLine() + 1, at.getColumn() + 1))
            .orElse("unknown place");
    var reason = Optional.ofNullable(error.getProblem()).orElse("unreadable");
    if (reason.contains("undefined alias")) {
      reason = "a value that begins with * belongs in quotes";
    } else if (reason.contains("tag")) {
      reason = "a value that begins with ! belongs in quotes";
    }
    return "The file is not YAML at %s: %s. Check the indentation, and put values with special characters in quotes."
        .formatted(where, reason.strip());
  }

  private static Optional<Mark> context(MarkedYAMLException error) {
    return Optional.ofNullable(error.getContextMark());
  }

  private YamlValue value(Node node, String path) {
    var line = line(node);
    if (!open.add(node)) {
      findings.problem(path, "", "The value contains itself: remove the alias.", line);
      return new Nothing(line);
    }
    try {
      return switch (node) {
        case ScalarNode scalar -> scalar(scalar, path);
        case SequenceNode sequence -> {
          var values = new ArrayList<YamlValue>();
          for (var child : sequence.getValue()) {
            values.add(value(child, path));
          }
          yield new Sequence(List.copyOf(values), line);
        }
        case MappingNode mapping -> new Mapping(entries(mapping, path), line);
        default -> throw new IllegalStateException("unknown YAML node " + node.getNodeId());
      };
    } finally {
      open.remove(node);
    }
  }

  private YamlValue scalar(ScalarNode node, String path) {
    var tag = node.getTag();
    var text = node.getValue();
    if (tag.equals(Tag.NULL)) {
      return new Nothing(line(node));
    }
    if (TYPED.contains(tag)) {
      return new Scalar(scalars.of(node), text, line(node));
    }
    if (!tag.getValue().startsWith(Tag.PREFIX)) {
      var shown = Findings.isSecret(path) ? "" : tag.getValue();
      findings.problem(path, shown, "Tags are not known here: remove it or quote it.", line(node));
    }
    return new Scalar(text, text, line(node));
  }

  private Map<String, YamlValue> entries(MappingNode node, String path) {
    var own = new LinkedHashMap<String, YamlValue>();
    var merged = new LinkedHashMap<String, YamlValue>();
    for (var tuple : node.getValue()) {
      if (tuple.getKeyNode().getTag().equals(Tag.MERGE)) {
        merge(tuple, path).forEach(merged::putIfAbsent);
      } else if (tuple.getKeyNode() instanceof ScalarNode key) {
        var below = path.isEmpty() ? key.getValue() : path + "." + key.getValue();
        if (own.put(key.getValue(), value(tuple.getValueNode(), below)) != null) {
          findings.warn(
              "%s is given twice, again in line %d: the last one counts; remove the other"
                  .formatted(below, line(key)));
        }
      } else {
        findings.problem(path, "", "A key must be a plain text.", line(tuple.getKeyNode()));
      }
    }
    merged.forEach(own::putIfAbsent);
    return own;
  }

  private Map<String, YamlValue> merge(NodeTuple tuple, String path) {
    var entries = new LinkedHashMap<String, YamlValue>();
    switch (value(tuple.getValueNode(), path)) {
      case Mapping(var from, _) -> entries.putAll(from);
      case Sequence(var values, _) ->
          values.forEach(value -> {
            if (value instanceof Mapping(var from, _)) {
              from.forEach(entries::putIfAbsent);
            }
          });
      case Scalar(_, _, var line) ->
          findings.problem(path, "<<", "Only a section can be merged, '<<: *name'.", line);
      case Nothing _ -> {}
    }
    return entries;
  }

  private static int line(Node node) {
    return node.getStartMark() == null ? 0 : node.getStartMark().getLine() + 1;
  }

  /** YAML's own rules of what is a number or a boolean. */
  private static final class Scalars extends SafeConstructor {
    Scalars() {
      super(new LoaderOptions());
    }

    Object of(ScalarNode node) {
      try {
        var value = constructDocument(node);
        var number = value instanceof Double real && !Double.isFinite(real);
        return value == null || number ? node.getValue() : value;
      } catch (YAMLException | NumberFormatException e) {
        return node.getValue();
      }
    }
  }
}
