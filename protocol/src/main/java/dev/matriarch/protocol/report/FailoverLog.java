package dev.matriarch.protocol.report;

import java.util.List;

/**
 * The fail-overs that one node won since its agent's process began.
 *
 * @param count all of them
 * @param last the last {@link #KEPT_MAX}, oldest first
 */
public record FailoverLog(long count, List<Failover> last) {
  public static final int KEPT_MAX = 50;

  public static final FailoverLog EMPTY = new FailoverLog(0, List.of());

  public FailoverLog {
    last = List.copyOf(last.subList(Math.max(0, last.size() - KEPT_MAX), last.size()));
  }
}
