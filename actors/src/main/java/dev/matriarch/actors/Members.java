package dev.matriarch.actors;

import dev.matriarch.actors.postgres.HostClock;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.status.MemberStatus;
import java.time.Duration;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;

/**
 * What each member last said of itself. The own status goes to the others once a second and on
 * change; who falls silent is forgotten.
 */
public final class Members extends AbstractBehavior<Members.Command> {
  private static final Duration TELL_EVERY = Duration.ofSeconds(1);

  /** What this actor reacts to. */
  public sealed interface Command {}

  /** From another agent. */
  public record Told(MemberStatus status) implements Command, WireMessage {}

  /** The own status. */
  public record Publish(MemberStatus status) implements Command {}

  /**
   * How long a silent member is remembered.
   *
   * @param silence longest silence
   */
  public record Remember(Duration silence) implements Command {}

  private record Again() implements Command {}

  /** All that are heard, this node included. */
  public record Heard(SortedMap<NodeId, MemberStatus> members) {}

  private record Entry(MemberStatus status, Duration at) {}

  private final Peers<Command> peers;
  private final ActorRef<Heard> watcher;
  private final Supplier<Duration> clock;
  private final SortedMap<NodeId, Entry> entries = new TreeMap<>();
  private Optional<MemberStatus> own = Optional.empty();
  private Duration silence = Duration.ofSeconds(5);

  private Members(
      ActorContext<Command> context,
      Peers<Command> peers,
      ActorRef<Heard> watcher,
      Supplier<Duration> clock) {
    super(context);
    this.peers = peers;
    this.watcher = watcher;
    this.clock = clock;
  }

  static Behavior<Command> create(Peers<Command> peers, ActorRef<Heard> watcher) {
    return create(peers, watcher, () -> Duration.ofNanos(HostClock.bootNanos()));
  }

  /**
   * As above.
   *
   * @param clock monotonic
   */
  static Behavior<Command> create(
      Peers<Command> peers, ActorRef<Heard> watcher, Supplier<Duration> clock) {
    return Behaviors.withTimers(timers -> {
      timers.startTimerAtFixedRate(new Again(), TELL_EVERY);
      return Behaviors.setup(context -> new Members(context, peers, watcher, clock));
    });
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder().onAnyMessage(this::on).build();
  }

  private Behavior<Command> on(Command command) {
    switch (command) {
      case Told(var status) -> put(status);
      case Publish(var status) -> {
        var changed = !own.equals(Optional.of(status));
        own = Optional.of(status);
        put(status);
        if (changed) {
          peers.tellAll(new Told(status));
        }
      }
      case Remember(var longest) -> silence = longest;
      case Again() -> {
        own.ifPresent(status -> {
          put(status);
          peers.tellAll(new Told(status));
        });
        forget();
      }
    }
    return this;
  }

  private void put(MemberStatus status) {
    var before = entries.put(status.node(), new Entry(status, clock.get()));
    if (before == null || !before.status().equals(status)) {
      show();
    }
  }

  private void forget() {
    var oldest = clock.get().minus(silence);
    if (entries.values().removeIf(it -> it.at().compareTo(oldest) < 0)) {
      show();
    }
  }

  private void show() {
    var heard = new TreeMap<NodeId, MemberStatus>();
    entries.forEach((node, entry) -> heard.put(node, entry.status()));
    watcher.tell(new Heard(Collections.unmodifiableSortedMap(heard)));
  }
}
