package dev.matriarch.multijvm.chaos.picture;

import dev.matriarch.multijvm.chaos.history.History;
import dev.matriarch.multijvm.chaos.history.Operation;
import java.util.List;

/**
 * One node over time.
 *
 * @param roles one after the other
 * @param faults and commands; they may overlap
 * @param acknowledgements moments at which clients were told that something is stored
 */
public record Lane(String name, List<Span> roles, List<Span> faults, List<Long> acknowledgements) {
  public Lane {
    roles = List.copyOf(roles);
    faults = List.copyOf(faults);
    acknowledgements = List.copyOf(acknowledgements);
  }

  /** With the acknowledgements that a history has of the node. */
  public static Lane of(String node, List<Span> roles, List<Span> faults, History history) {
    var acknowledgements =
        history.snapshot().stream()
            .filter(it -> it.node().equals(node) && it.isAcknowledgedWrite())
            .map(Operation::completed)
            .toList();
    return new Lane(node, roles, faults, acknowledgements);
  }
}
