package dev.matriarch.protocol.election;

import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.Position;
import java.util.List;

/** How much WAL is lost when a node becomes primary in place of one that held more. */
public final class LossBound {
  private LossBound() {}

  /**
   * Bytes of WAL that {@code other} holds and {@code winner} does not.
   *
   * <p>WAL that the winner holds beyond the point where the other's timeline left its own is no
   * part of the other's WAL, so the count starts at that fork.
   *
   * @return 0 if nothing is lost; {@link Long#MAX_VALUE} if the fork is not in {@code history}
   */
  public static long bytes(Position winner, Position other, List<HistoryEntry> history) {
    if (winner.timeline() >= other.timeline()) {
      return winner.timeline() > other.timeline() ? 0 : winner.lsn().bytesBehind(other.lsn());
    }
    var fork =
        history.stream()
            .filter(it -> it.timeline() > winner.timeline() && it.timeline() <= other.timeline())
            .map(HistoryEntry::fork)
            .min(Lsn::compareTo);
    if (fork.isEmpty()) {
      return Long.MAX_VALUE;
    }
    var common = winner.lsn().compareTo(fork.get()) < 0 ? winner.lsn() : fork.get();
    return common.bytesBehind(other.lsn());
  }
}
