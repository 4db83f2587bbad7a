package dev.matriarch.multijvm.chaos.picture;

import java.util.EnumSet;
import java.util.Set;

/** What a span shows, which decides its colour. */
public enum Look {
  PRIMARY("primary", "#2f6db3"),
  SYNCHRONOUS("synchronous standby", "#5aa469"),
  REPLICA("replica", "#a9d2ae"),
  WITNESS("witness", "#d5e3ea"),
  /** PostgreSQL starts, is copied or rewound, or waits for a leader. */
  BUSY("not ready", "#ead9a0"),
  DOWN("down", "#d9d9d9"),
  /** It does not answer. */
  SILENT("no answer", "#f3dcd6"),
  FAULT("fault", "#c8443c"),
  /** An operator's command, which is no fault. */
  COMMAND("command", "#8a63a8"),
  /** A promise that was broken: a line through everything. */
  VIOLATION("violation", "#000000");

  /** Those of roles, in which a lane is painted; the others are bars. */
  static final Set<Look> ROLES = EnumSet.range(PRIMARY, SILENT);

  private final String title;
  private final String colour;

  Look(String title, String colour) {
    this.title = title;
    this.colour = colour;
  }

  String title() {
    return title;
  }

  String colour() {
    return colour;
  }
}
