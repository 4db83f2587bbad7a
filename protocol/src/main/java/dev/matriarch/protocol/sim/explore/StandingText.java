package dev.matriarch.protocol.sim.explore;

import dev.matriarch.protocol.election.Standing;

/** A standing in a few words. */
final class StandingText {
  private StandingText() {}

  static String of(Site site) {
    return switch (site.state().standing()) {
      case Standing.Idle _, Standing.Canvassing _, Standing.Waiting _ -> "follower";
      case Standing.Preparing it -> "candidate " + it.ballot();
      case Standing.Accepting it -> "winner " + it.proposal().value().version().ballot();
      case Standing.Leading it ->
          "leader " + it.chosen().version() + (it.proposal().isPresent() ? ", proposing" : "");
    };
  }
}
