package dev.matriarch.persistence;

import com.typesafe.config.ConfigFactory;
import dev.matriarch.persistence.VoterStore.Broken;
import dev.matriarch.persistence.VoterStore.Load;
import dev.matriarch.persistence.VoterStore.Loaded;
import dev.matriarch.persistence.VoterStore.Reply;
import dev.matriarch.persistence.VoterStore.Save;
import dev.matriarch.persistence.VoterStore.Saved;
import dev.matriarch.protocol.election.VoterState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;

/**
 * The program that {@link KillTest} kills: saves one promise after the other, and prints each term
 * once it is told that it is durable. Argument: the file.
 */
final class AcknowledgingWriter {
  private final ActorSystem<VoterStore.Command> system;

  private AcknowledgingWriter(Path file) {
    var quiet =
        ConfigFactory.parseString(
            """
            pekko.stdout-loglevel = OFF
            pekko.actor.default-dispatcher.fork-join-executor.parallelism-max = 2
            pekko.actor.internal-dispatcher.fork-join-executor.parallelism-max = 2
            """);
    var config =
        VoterStoreConfig.of(file, Samples.SCOPE, Samples.ALPHA)
            .withFallback(quiet)
            .withFallback(ConfigFactory.load());
    system = ActorSystem.create(VoterStore.create(), "writer", config);
  }

  public static void main(String[] args) {
    try {
      new AcknowledgingWriter(Path.of(args[0])).writeUntilKilled();
    } catch (Exception e) {
      System.err.println("cannot go on: " + e);
    }
    Runtime.getRuntime().halt(1);
  }

  private void writeUntilKilled() throws Exception {
    var state = ask(Load::new);
    say("loaded", state);
    // Nobody reads any more: the test has been ended.
    while (!System.out.checkError()) {
      var next = Samples.promising(state, state.promised().term() + 1);
      state = ask(replyTo -> new Save(next, replyTo));
      say("saved", state);
    }
  }

  private VoterState ask(Function<ActorRef<Reply>, VoterStore.Command> command) throws Exception {
    var reply =
        AskPattern.ask(system, command::apply, Duration.ofSeconds(20), system.scheduler())
            .toCompletableFuture()
            .get();
    return switch (reply) {
      case Loaded(var state) -> state;
      case Saved(var state) -> state;
      case Broken(var reason) -> throw new IllegalStateException(reason);
    };
  }

  private static void say(String what, VoterState state) {
    System.out.println(what + " " + state.promised().term());
  }
}
