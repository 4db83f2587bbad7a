package dev.matriarch.multijvm.chaos.history;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.Optional;

/**
 * One request of a client and its answer. A client has one under way at a time.
 *
 * @param client its name
 * @param node the name of the node that was asked
 * @param invoked before it was sent, of {@link System#nanoTime}
 * @param completed after the answer had come, or when the client gave up
 */
public record Operation(
    String client, Kind kind, String node, long invoked, long completed, Outcome outcome) {
  /** The answer, if it was done and promised. */
  public Optional<Value> value() {
    return outcome instanceof Outcome.Ok(var value) ? Optional.of(value) : Optional.empty();
  }

  /** Whether a server has promised that it lasts: a commit that changed something was answered. */
  @JsonIgnore
  public boolean isAcknowledgedWrite() {
    return outcome instanceof Outcome.Ok
        && switch (kind) {
          case Kind.Insert _,
              Kind.Increment _,
              Kind.RegisterWrite _,
              Kind.RegisterCas _,
              Kind.Transfer _ ->
              true;
          case Kind.RegisterRead(var _, var confirmed) -> confirmed;
          case Kind.Balances _, Kind.ReplicaRead _ -> false;
        };
  }
}
