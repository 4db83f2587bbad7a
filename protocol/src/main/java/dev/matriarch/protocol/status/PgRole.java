package dev.matriarch.protocol.status;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** What the local PostgreSQL is at the moment. */
public enum PgRole {
  PRIMARY,
  REPLICA,
  /** It was primary and is being stopped or rejoined. */
  DEMOTED,
  /** There are no data. */
  UNINITIALIZED;

  @JsonValue
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
