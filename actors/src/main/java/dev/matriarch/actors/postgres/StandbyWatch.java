package dev.matriarch.actors.postgres;

import dev.matriarch.protocol.election.Incarnation;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Tags;
import dev.matriarch.protocol.sync.IncarnationName;
import dev.matriarch.protocol.sync.SyncView.Standby;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Who streams from the local primary under an incarnation's name, and since when somebody is
 * silent. Silence is WAL that was sent and not answered, so it takes no clock but the agent's own:
 * the time in a standby's answer is only compared with itself. For one thread at a time.
 */
public final class StandbyWatch {
  /** A standby that does not come back within it is nobody's business any more. */
  private static final Duration REMEMBERED = Duration.ofMinutes(1);

  private record Answer(Optional<String> at, Optional<Lsn> flushed) {}

  /**
   * One standby.
   *
   * @param silentSince it owes an answer since then, or is gone since then
   */
  private record Seen(Standby row, Answer answer, Optional<Duration> silentSince, boolean gone) {}

  private final Duration silence;
  private Map<String, Seen> seen = new TreeMap<>();

  /**
   * Has seen nobody yet.
   *
   * @param silence for how long an answer may be owed before it is suspicious
   */
  public StandbyWatch(Duration silence) {
    this.silence = silence;
  }

  /**
   * Looks at a primary.
   *
   * @param now monotonic
   */
  public List<Standby> look(Connection primary, Function<NodeId, Tags> tags, Duration now)
      throws SQLException {
    return look(SyncSender.all(primary), tags, now);
  }

  List<Standby> look(List<SyncSender> senders, Function<NodeId, Tags> tags, Duration now) {
    var next = new TreeMap<String, Seen>();
    for (var sender : senders) {
      var incarnation = IncarnationName.parse(sender.name());
      // Without a slot of its own it may be a second connection of one that has it.
      if (incarnation.isPresent() && (sender.throughSlot() || !next.containsKey(sender.name()))) {
        next.put(sender.name(), present(sender, incarnation.get(), tags, now));
      }
    }
    for (var old : seen.entrySet()) {
      var since = old.getValue().gone() ? old.getValue().silentSince() : Optional.of(now);
      if (since.filter(it -> now.minus(it).compareTo(REMEMBERED) < 0).isPresent()) {
        next.putIfAbsent(old.getKey(), gone(old.getValue(), since));
      }
    }
    seen = next;
    return next.values().stream().map(Seen::row).toList();
  }

  private Seen present(
      SyncSender sender, Incarnation incarnation, Function<NodeId, Tags> tags, Duration now) {
    var answer = new Answer(sender.replied(), sender.flushed());
    var old = Optional.ofNullable(seen.get(sender.name())).filter(it -> !it.gone());
    var owes = sender.sent().isPresent() && !sender.sent().equals(sender.flushed());
    var answered = old.filter(it -> it.answer().equals(answer)).isEmpty();
    var owedBefore = answered ? Optional.<Duration>empty() : old.flatMap(Seen::silentSince);
    var owedSince = owes ? owedBefore.or(() -> Optional.of(now)) : Optional.<Duration>empty();
    var row =
        new Standby(
            incarnation,
            sender.state().equals("streaming") && sender.throughSlot(),
            false,
            sender.flushed().orElse(Lsn.ZERO),
            owedSince.filter(it -> now.minus(it).compareTo(silence) >= 0),
            tags.apply(incarnation.node()));
    return new Seen(row, answer, owedSince, false);
  }

  private static Seen gone(Seen old, Optional<Duration> since) {
    var was = old.row();
    var row = new Standby(was.incarnation(), false, false, was.confirmed(), since, was.tags());
    return new Seen(row, old.answer(), since, true);
  }
}
