package dev.matriarch.protocol.election;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * Names one life of a voter's store. A store that was lost and made anew has another id, and its
 * voter does not count until the record names the new one: the lost promises may have mattered.
 */
public record StoreId(@JsonValue String value) {
  /** A configured member that has not been heard yet; equal to no real store. */
  public static final StoreId UNKNOWN = new StoreId("");

  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public StoreId {}

  @Override
  public String toString() {
    return value;
  }
}
