package dev.matriarch.protocol.sync;

import dev.matriarch.protocol.election.Incarnation;
import dev.matriarch.protocol.model.NodeId;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The {@code application_name} by which a standby's incarnation is known to the primary: {@code
 * <node>_<number>}, the number as 16 hexadecimal digits.
 *
 * <p>It never is a word that {@code synchronous_standby_names} gives a meaning to, such as {@code
 * *}: that matches everybody, quoted or not.
 */
public final class IncarnationName {
  private static final int DIGITS = Long.BYTES * 2;

  /** PostgreSQL keeps 63 bytes of an application name. */
  public static final int NODE_MAX = 63 - 1 - DIGITS;

  private IncarnationName() {}

  /**
   * Whether PostgreSQL keeps the name as it is: it cuts long ones and replaces what is not
   * printable ASCII (PostgreSQL documentation, "application_name").
   */
  public static boolean canName(NodeId node) {
    return node.value().length() <= NODE_MAX
        && node.value().chars().allMatch(it -> it >= ' ' && it <= '~');
  }

  /**
   * The name of an incarnation.
   *
   * @throws IllegalArgumentException unless {@link #canName} of its node
   */
  public static String format(Incarnation incarnation) {
    if (!canName(incarnation.node())) {
      throw new IllegalArgumentException(
          "'%s' is no name for a synchronous standby: use at most %d printable ASCII characters"
              .formatted(incarnation.node(), NODE_MAX));
    }
    return incarnation.node() + "_" + HexFormat.of().toHexDigits(incarnation.number());
  }

  /** Empty: not a name of this form. */
  public static Optional<Incarnation> parse(String name) {
    var cut = name.length() - DIGITS - 1;
    if (cut < 1 || name.charAt(cut) != '_' || name.substring(0, cut).isBlank()) {
      return Optional.empty();
    }
    var node = new NodeId(name.substring(0, cut));
    try {
      var number = HexFormat.fromHexDigitsToLong(name, cut + 1, name.length());
      return canName(node) ? Optional.of(new Incarnation(node, number)) : Optional.empty();
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }
}
