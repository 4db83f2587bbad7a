package dev.matriarch.actors;

import dev.matriarch.protocol.election.ElectionMessage;
import dev.matriarch.protocol.election.Rehearsal;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.SerializationExtension;

/**
 * Plays an election in memory, with the messages as they are on the wire; see {@link Rehearsal}.
 */
final class ElectionRehearsal {
  private ElectionRehearsal() {}

  /** Returns at once. */
  static void begin(ActorSystem<?> system) {
    var serialization = SerializationExtension.get(system.classicSystem());
    var log = system.log();
    var _ =
        Thread.ofPlatform()
            .daemon()
            .name("matriarch-rehearsal")
            .start(() -> {
              try {
                var _ = Rehearsal.play(message -> sent(serialization, message));
              } catch (RuntimeException e) {
                log.warn("the first election will be slower: its rehearsal broke off", e);
              }
            });
  }

  private static ElectionMessage sent(Serialization serialization, ElectionMessage message) {
    var wire = new Election.Deliver(message);
    return serialization
        .deserialize(serialization.serialize(wire).get(), Election.Deliver.class)
        .get()
        .message();
  }
}
