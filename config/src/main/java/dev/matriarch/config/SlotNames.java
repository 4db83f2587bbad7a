package dev.matriarch.config;

import dev.matriarch.protocol.model.NodeId;
import java.util.Locale;

/**
 * The replication slot of a member, named as Patroni names it, so that its slots can be taken over.
 *
 * <p>Two members may get the same slot name ({@code a-b} and {@code a.b}); such a cluster is
 * refused when the settings are loaded.
 */
public final class SlotNames {
  /** PostgreSQL's NAMEDATALEN without the final zero. */
  private static final int LENGTH_MAX = 63;

  private SlotNames() {}

  /**
   * In lower case, {@code -} and {@code .} as {@code _}, any other character that a slot name may
   * not have as {@code u} and its decimal code point of at least four digits, cut to 63.
   */
  public static String of(NodeId member) {
    var name = new StringBuilder();
    member
        .value()
        .toLowerCase(Locale.ROOT)
        .codePoints()
        .forEach(c -> {
          if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_') {
            name.appendCodePoint(c);
          } else if (c == '-' || c == '.') {
            name.append('_');
          } else {
            name.append('u').append(String.format(Locale.ROOT, "%04d", c));
          }
        });
    name.setLength(Math.min(name.length(), LENGTH_MAX));
    return name.toString();
  }
}
