package dev.matriarch.config;

/**
 * Something in the file that keeps the agent from starting.
 *
 * @param path of the key, {@code postgresql.listen}; empty for the file as a whole
 * @param value what the file says, never a password; {@link #MISSING} if nothing
 * @param allowed a sentence that says what to write instead
 * @param line counted from 1; 0 if unknown
 */
public record Problem(String path, String value, String allowed, int line) {
  public static final String MISSING = "(missing)";
  static final String HIDDEN = "(hidden)";

  /**
   * One line for a terminal or a log, {@code line 7: postgresql.listen is 'x': write host:port.}
   */
  public String format() {
    var where = line > 0 ? "line " + line + ": " : "";
    var what =
        switch (value) {
          case "" -> path;
          case MISSING -> path + " is missing";
          case HIDDEN -> path + " is not right";
          default -> path + " is " + (value.startsWith("(") ? value : "'" + value + "'");
        };
    return where + (what.isEmpty() ? "" : what + ": ") + allowed;
  }

  @Override
  public String toString() {
    return format();
  }
}
