package dev.matriarch.actors.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The version of PostgreSQL's programs.
 *
 * @param minor 0 for a beta or a development build
 */
public record PgVersion(int major, int minor) implements Comparable<PgVersion> {
  private static final Comparator<PgVersion> ORDER =
      Comparator.comparingInt(PgVersion::major).thenComparingInt(PgVersion::minor);
  private static final Pattern PRINTED =
      Pattern.compile("\\(PostgreSQL\\) (\\d+)(?:\\.(\\d+)|devel|beta\\d+|rc\\d+)?");

  /** Reads what {@code postgres --version} prints; empty if it is something else. */
  public static Optional<PgVersion> parse(String printed) {
    var matcher = PRINTED.matcher(printed);
    if (!matcher.find()) {
      return Optional.empty();
    }
    var minor = Optional.ofNullable(matcher.group(2)).map(Integer::parseInt).orElse(0);
    return Optional.of(new PgVersion(Integer.parseInt(matcher.group(1)), minor));
  }

  /** The major version that a data directory belongs to, from its file {@code PG_VERSION}. */
  public static Optional<Integer> majorOf(Path dataDir) {
    try {
      return Optional.of(Integer.parseInt(Files.readString(dataDir.resolve("PG_VERSION")).strip()));
    } catch (IOException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  @Override
  public int compareTo(PgVersion other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return major + "." + minor;
  }
}
