package dev.matriarch.actors;

import dev.matriarch.protocol.ha.Instance;
import dev.matriarch.protocol.model.NodeId;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * An order to hand over, as long as the lease is held. Until it is released the order can be called
 * off: PostgreSQL then goes on, or is started again, as primary.
 *
 * @param calledOff gets the reason; called by the supervisor's thread
 */
record HandingOver(NodeId successor, Consumer<String> calledOff) {

  /** Why this node had better go on leading. */
  Optional<String> obstacle(Knowledge knowledge, Duration now) {
    if (knowledge.isLost(successor, now)) {
      return Optional.of(successor + " does not answer any more");
    }
    var instance = knowledge.instance(now);
    return instance instanceof Instance.Killed
            || (instance instanceof Instance.Stopped(_, _, var how)
                && how == Instance.Shutdown.PRIMARY_UNCLEAN)
        ? Optional.of("PostgreSQL did not shut down in order")
        : Optional.empty();
  }
}
