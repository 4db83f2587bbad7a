package dev.matriarch.actors;

import dev.matriarch.protocol.election.LeaseView;
import dev.matriarch.protocol.ha.Operation;
import dev.matriarch.protocol.model.NodeId;
import java.time.Duration;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How this node's lease is let go, and how a hand-over is called off before. */
final class GivingUp {
  private static final Logger LOG = LoggerFactory.getLogger(GivingUp.class);

  /** After that the election has not heard it, or could not. */
  private static final Duration AT_MOST = Duration.ofSeconds(2);

  /**
   * A stopped PostgreSQL is fenced, and it is known how much it holds: its start would only take
   * time from the others, if they share a processor or a disk. Well before it may stand itself it
   * is started all the same.
   */
  private static final Duration SUCCESSOR_FIRST = Duration.ofMillis(400);

  private final Knowledge knowledge;
  private final ActorRef<Election.Command> election;
  private final Pictures pictures;
  private Optional<Duration> since = Optional.empty();

  GivingUp(Knowledge knowledge, ActorRef<Election.Command> election, Pictures pictures) {
    this.knowledge = knowledge;
    this.election = election;
    this.pictures = pictures;
  }

  /** Until the election has let the lease go nothing is begun that the release would overtake. */
  boolean isUnderWay(Duration now) {
    return knowledge.lease instanceof LeaseView.Mine
        && since.filter(it -> now.minus(it).compareTo(AT_MOST) < 0).isPresent();
  }

  /** Another leads, or nobody. */
  void over() {
    since = Optional.empty();
  }

  void giveUp(Optional<NodeId> successor, Duration now) {
    since = Optional.of(now);
    var sick = knowledge.writes.verdict().reasonToLeave();
    sick.ifPresent(_ -> knowledge.rests(now));
    if (knowledge.handover.isPresent()) {
      knowledge.restingUntil.put(Operation.START_STANDBY, now.plus(SUCCESSOR_FIRST));
    }
    pictures.local(knowledge, now);
    election.tell(new Election.GiveUp(successor, knowledge.shutDownAt(), sick));
  }

  void resign(Duration now) {
    since = Optional.of(now);
    knowledge.rests(now);
    pictures.local(knowledge, now);
    election.tell(new Election.Resign());
  }

  /** Nothing that goes wrong before the lease is released shall cost more than an interruption. */
  void callOffHandOver(Duration now) {
    if (isUnderWay(now)) {
      return;
    }
    var order = knowledge.handover;
    order
        .flatMap(it -> it.obstacle(knowledge, now))
        .ifPresent(why -> {
          LOG.warn("handing over is called off: {}", why);
          knowledge.handover = Optional.empty();
          order.get().calledOff().accept(why);
        });
  }
}
