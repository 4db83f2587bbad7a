package dev.matriarch.protocol.status;

import com.fasterxml.jackson.annotation.JsonValue;

/** The state of a PostgreSQL instance, in the words and numbers that monitoring knows. */
public enum PgState {
  INITIALIZING("initializing new cluster"),
  INITDB_FAILED("initdb failed"),
  RUNNING_CUSTOM_BOOTSTRAP("running custom bootstrap script"),
  CUSTOM_BOOTSTRAP_FAILED("custom bootstrap failed"),
  CREATING_REPLICA("creating replica"),
  RUNNING("running"),
  STARTING("starting"),
  STARTING_AFTER_CUSTOM_BOOTSTRAP("starting after custom bootstrap"),
  START_FAILED("start failed"),
  RESTARTING("restarting"),
  RESTART_FAILED("restart failed"),
  STOPPING("stopping"),
  STOPPED("stopped"),
  STOP_FAILED("stop failed"),
  CRASHED("crashed");

  private final String text;

  PgState(String text) {
    this.text = text;
  }

  /** As shown; the number of a state is its ordinal. */
  @JsonValue
  public String text() {
    return text;
  }
}
