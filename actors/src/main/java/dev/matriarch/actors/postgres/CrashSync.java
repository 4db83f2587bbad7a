package dev.matriarch.actors.postgres;

import java.util.Map;
import java.util.regex.Pattern;

/**
 * How a server that crashed gets its files to the disk before it recovers. By default it opens and
 * flushes every one of them, which takes seconds on a busy disk, and clients wait; asking the
 * kernel to flush the file system does the same (PostgreSQL documentation, "Error Handling", {@code
 * recovery_init_sync_method}). Older kernels do not report an error of that flush.
 */
public final class CrashSync {
  private static final String PARAMETER = "recovery_init_sync_method";
  private static final int FIRST_MAJOR = 14;
  private static final Pattern LINUX = Pattern.compile("(\\d+)\\.(\\d+)\\b.*");
  private static final int FIRST_KERNEL = 5;
  private static final int FIRST_KERNEL_MINOR = 8;

  private CrashSync() {}

  /** What to set on this host, unless the operator has set it. */
  public static Map<String, String> defaults(PgVersion version) {
    return defaults(version, System.getProperty("os.name"), System.getProperty("os.version"));
  }

  static Map<String, String> defaults(PgVersion version, String system, String release) {
    var kernel = LINUX.matcher(release);
    if (version.major() < FIRST_MAJOR || !system.equals("Linux") || !kernel.matches()) {
      return Map.of();
    }
    var major = Integer.parseInt(kernel.group(1));
    var reports =
        major > FIRST_KERNEL
            || (major == FIRST_KERNEL && Integer.parseInt(kernel.group(2)) >= FIRST_KERNEL_MINOR);
    return reports ? Map.of(PARAMETER, "syncfs") : Map.of();
  }
}
