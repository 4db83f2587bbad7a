package dev.matriarch.protocol.status;

/** Why a member says that it could not lead at the moment, beside its tags. */
public enum Hindrance {
  STOPPING("its agent or its PostgreSQL is stopping"),
  REBUILDING("its data are being copied or rewound"),
  UNREADABLE("its data directory cannot be read"),
  UNKNOWN_POSITION("the end of its WAL is not known"),
  CRASHED("its PostgreSQL has crashed again and again; it rests"),
  MUTE("its voter's store has failed; it does not vote until its agent is restarted");

  private final String text;

  Hindrance(String text) {
    this.text = text;
  }

  /** For people. */
  public String text() {
    return text;
  }
}
