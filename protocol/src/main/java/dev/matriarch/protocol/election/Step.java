package dev.matriarch.protocol.election;

import java.util.List;
import java.util.Optional;

/**
 * The outcome of an input.
 *
 * @param save must be on disk before any effect is performed and before {@code state} is shown to
 *     anybody
 */
public record Step(ElectionState state, Optional<VoterState> save, List<Effect> effects) {
  public Step {
    effects = List.copyOf(effects);
  }
}
