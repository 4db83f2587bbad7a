package dev.matriarch.protocol.sim.explore;

import dev.matriarch.protocol.election.Ballot;
import dev.matriarch.protocol.election.ElectionMessage;
import dev.matriarch.protocol.election.Standing;
import dev.matriarch.protocol.model.NodeId;
import java.util.Optional;
import java.util.stream.Stream;

/** A message on its way. */
record Mail(NodeId to, ElectionMessage message) {

  /**
   * Whether its arrival cannot change anything any more, but for the highest term that a node has
   * seen, which only makes the next ballot higher.
   *
   * @param reuses a sender that restarts may use a ballot again which its own vote had not promised
   * @param forgets the receiver may go on with another store
   */
  boolean isDead(Site sender, Site receiver, boolean reuses, boolean forgets) {
    return switch (message) {
      case ElectionMessage.Promise it ->
          !isPreparing(receiver, it.ballot()) && !mayPrepare(receiver, it.ballot(), reuses);
      case ElectionMessage.Refused it ->
          !receiver.ballot().equals(Optional.of(it.refused()))
              && !mayPrepare(receiver, it.refused(), reuses);
      case ElectionMessage.Accepted it -> !isAwaited(receiver, it);
      case ElectionMessage.Accept(var value) -> {
        var voter = receiver.state().voter();
        var overtaken = voter.promised().isAbove(value.version().ballot());
        yield !forgets
            && (overtaken
                ? !sender.ballot().equals(Optional.of(value.version().ballot()))
                : value.version().compareTo(voter.version()) < 0);
      }
      case ElectionMessage.Prepare it -> {
        var refused = it.ballot().term() <= receiver.state().voter().promised().term();
        yield refused
            && !forgets
            && !sender.ballot().equals(Optional.of(it.ballot()))
            && !mayPrepare(sender, it.ballot(), reuses);
      }
      case ElectionMessage.Beat _,
          ElectionMessage.Granted _,
          ElectionMessage.Canvass _,
          ElectionMessage.Opinion _,
          ElectionMessage.Release _,
          ElectionMessage.Yield _ ->
          true;
    };
  }

  private static boolean isPreparing(Site site, Ballot ballot) {
    return site.state().standing() instanceof Standing.Preparing it && it.ballot().equals(ballot);
  }

  private static boolean mayPrepare(Site site, Ballot ballot, boolean reuses) {
    return reuses
        && Stream.concat(Stream.of(site.disk()), site.lost().stream())
            .anyMatch(
                it -> it.store().equals(ballot.store()) && it.promised().term() < ballot.term());
  }

  private static boolean isAwaited(Site site, ElectionMessage.Accepted accepted) {
    return switch (site.state().standing()) {
      case Standing.Accepting it -> it.proposal().value().version().equals(accepted.version());
      case Standing.Leading it ->
          it.proposal().filter(p -> p.value().version().equals(accepted.version())).isPresent();
      case Standing.Idle _, Standing.Canvassing _, Standing.Waiting _, Standing.Preparing _ ->
          false;
    };
  }

  @Override
  public String toString() {
    return switch (message) {
      case ElectionMessage.Prepare it -> "Prepare " + it.ballot();
      case ElectionMessage.Promise it ->
          "Promise %s of %s at %s"
              .formatted(
                  it.ballot(),
                  it.from(),
                  it.position().map(Object::toString).orElse("no position"));
      case ElectionMessage.Refused it -> "Refused %s of %s".formatted(it.refused(), it.from());
      case ElectionMessage.Accept(var value) -> "Accept " + value.version();
      case ElectionMessage.Accepted it -> "Accepted %s of %s".formatted(it.version(), it.from());
      case ElectionMessage.Beat _,
          ElectionMessage.Granted _,
          ElectionMessage.Canvass _,
          ElectionMessage.Opinion _,
          ElectionMessage.Release _,
          ElectionMessage.Yield _ ->
          message.toString();
    };
  }
}
