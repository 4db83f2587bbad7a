package dev.matriarch.protocol.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/**
 * A position in the write-ahead log, in bytes since the start of the cluster; compared as unsigned.
 *
 * @param bytes the 64-bit position that PostgreSQL prints as two hexadecimal halves, {@code
 *     16/B374D848} (PostgreSQL documentation, "pg_lsn Type")
 */
public record Lsn(@JsonValue long bytes) implements Comparable<Lsn> {
  public static final Lsn ZERO = new Lsn(0);

  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public Lsn {}

  /**
   * Reads PostgreSQL's text form.
   *
   * @throws IllegalArgumentException if the text is not two hexadecimal halves of at most 32 bits
   */
  public static Lsn parse(String text) {
    var slash = text.indexOf('/');
    try {
      var high = Integer.parseUnsignedInt(text.substring(0, Math.max(slash, 0)), 16);
      var low = Integer.parseUnsignedInt(text.substring(slash + 1), 16);
      return new Lsn(Integer.toUnsignedLong(high) << Integer.SIZE | Integer.toUnsignedLong(low));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("not a log position: '%s'".formatted(text), e);
    }
  }

  /** PostgreSQL's text form, two hexadecimal halves without leading zeros. */
  public String format() {
    return String.format(Locale.ROOT, "%X/%X", bytes >>> Integer.SIZE, bytes & 0xFFFF_FFFFL);
  }

  /** How many bytes {@code other} is ahead of this position; 0 if it is not. */
  public long bytesBehind(Lsn other) {
    return other.compareTo(this) > 0 ? other.bytes - bytes : 0;
  }

  @Override
  public int compareTo(Lsn other) {
    return Long.compareUnsigned(bytes, other.bytes);
  }

  @Override
  public String toString() {
    return format();
  }
}
