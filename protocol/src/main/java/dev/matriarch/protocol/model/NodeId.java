package dev.matriarch.protocol.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** A member's configured name: unique in the cluster, the same across restarts, never blank. */
public record NodeId(@JsonValue String value) implements Comparable<NodeId> {
  /**
   * @throws IllegalArgumentException if the name is blank
   */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public NodeId {
    if (value.isBlank()) {
      throw new IllegalArgumentException("a member's name is blank");
    }
  }

  @Override
  public int compareTo(NodeId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
