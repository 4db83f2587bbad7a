package dev.matriarch.protocol.sim;

import dev.matriarch.protocol.election.ElectionState;
import dev.matriarch.protocol.election.Standing;

/** A node's state in one short line. */
final class StateText {
  private StateText() {}

  static String of(ElectionState state) {
    var voter = state.voter();
    return "%s | promised %s stored %s%s | grant %s until %s ms | primary %s at %s"
        .formatted(
            standing(state.standing()),
            voter.promised(),
            voter.version(),
            voter
                .record()
                .map(it -> " (leader %s tl %d)".formatted(it.leader(), it.timeline()))
                .orElse(""),
            state.grant().holder(),
            state.grant().until().toMillis(),
            state.local().primaryOn(),
            state.local().position());
  }

  private static String standing(Standing standing) {
    return switch (standing) {
      case Standing.Idle(var tryAfter) -> "idle until " + tryAfter.toMillis() + " ms";
      case Standing.Canvassing it -> "canvassing " + it.opinions().keySet();
      case Standing.Waiting(var until, _) -> "waiting until " + until.toMillis() + " ms";
      case Standing.Preparing it ->
          "preparing %s, promised by %s".formatted(it.ballot(), it.promises().keySet());
      case Standing.Accepting it ->
          "accepting %s, stored by %s"
              .formatted(it.proposal().value().version(), it.proposal().storedBy());
      case Standing.Leading it ->
          "leading %s until %d ms%s"
              .formatted(
                  it.chosen().version(),
                  it.lease().until().toMillis(),
                  it.proposal().map(p -> ", proposing " + p.value().version()).orElse(""));
    };
  }
}
