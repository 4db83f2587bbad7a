package dev.matriarch.actors;

import dev.matriarch.protocol.ha.Decision;

/** How a decision is said in the log and in the REST API; alert rules match its beginning. */
final class DecisionText {
  private DecisionText() {}

  static String of(Decision decision) {
    return switch (decision) {
      case Decision.Stay(var because) -> "no action. " + because;
      case Decision.Initialise _,
          Decision.Identify _,
          Decision.StartPrimary _,
          Decision.StartStandby _,
          Decision.Promote _,
          Decision.Follow _,
          Decision.Stop _,
          Decision.RecoverCrash _,
          Decision.Judge _,
          Decision.Rewind _,
          Decision.Clone _,
          Decision.Fence _,
          Decision.Fetch _,
          Decision.TakeIncarnation _,
          Decision.Resign _,
          Decision.GiveUp _ ->
          "%s: %s".formatted(decision.getClass().getSimpleName(), decision.because());
    };
  }
}
