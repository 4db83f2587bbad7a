package dev.matriarch.actors.postgres;

import dev.matriarch.protocol.model.Position;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Lets a fenced standby stream from another fenced one, as its cascade, until it holds as much, and
 * fences it again.
 *
 * <p>The source is shut off as well, so what comes is exactly what it holds. The upstream is on
 * disk only until the receiver runs by it: a server that starts again meanwhile starts fenced.
 *
 * @param fence of the local server
 * @param limits of the fences before and after
 */
public record FetchWal(StandbyFence fence, StandbyFence.Limits limits) {

  /** How it ended. */
  public sealed interface Result {
    /** It holds at least what was asked for, and is fenced. */
    record Fetched(StandbyFence.Result.Fenced fenced) implements Result {}

    /**
     * It holds less than what was asked for.
     *
     * @param fence whether it is fenced, and where; it may have got a part
     */
    record NotFetched(String why, StandbyFence.Result fence) implements Result {}
  }

  /**
   * Fetches; an interrupt ends the streaming, not the fencing.
   *
   * @param source the other standby
   * @param until the end of its log
   * @param allowed asked all the time: whether it is still to go on
   * @param timeout of the streaming
   */
  public Result run(Conninfo source, Position until, BooleanSupplier allowed, Duration timeout) {
    var before = fence.fence(limits);
    if (!(before instanceof StandbyFence.Result.Fenced fenced)) {
      return new Result.NotFetched("it was not fenced", before);
    }
    if (fenced.position().compareTo(until) >= 0) {
      return new Result.Fetched(fenced);
    }
    var why = stream(source, until, allowed, System.nanoTime() + timeout.toNanos());
    var after = fence.fenceAnyway(limits);
    return after instanceof StandbyFence.Result.Fenced whole
            && whole.position().compareTo(until) >= 0
        ? new Result.Fetched(whole)
        : new Result.NotFetched(why.orElse("the source had less"), after);
  }

  /** Empty: it has all; else why not. */
  private Optional<String> stream(
      Conninfo source, Position until, BooleanSupplier allowed, long untilNanos) {
    if (!allowed.getAsBoolean()) {
      return Optional.of("called off");
    }
    if (fence.redirect(source.format()) instanceof PgConf.Result.NotWritten(var reason)) {
      return Optional.of(reason);
    }
    var onDisk = true;
    if (new PgReload(fence.place().dataDir()).run() instanceof Outcome.Failed(var reason)) {
      return Optional.of(reason);
    }
    var began = System.nanoTime();
    while (allowed.getAsBoolean() && !Thread.currentThread().isInterrupted()) {
      try {
        fence.sessions().open(Duration.ofNanos(untilNanos - System.nanoTime()));
        var state = fence.sessions().state();
        if (onDisk && state.streamed().isPresent()) {
          onDisk = fence.redirect("") instanceof PgConf.Result.NotWritten;
        }
        var end = fence.sessions().identify();
        var received =
            state
                .receivedTimeline()
                .flatMap(it -> state.streamed().map(at -> new Position(it, at)));
        if (end.compareTo(until) >= 0
            || received.filter(it -> it.compareTo(until) >= 0).isPresent()) {
          return Optional.empty();
        }
      } catch (SQLException e) {
        fence.sessions().close();
        if (System.nanoTime() >= untilNanos) {
          return Optional.of(Objects.requireNonNullElse(e.getMessage(), e.toString()));
        }
      }
      if (System.nanoTime() >= untilNanos) {
        return Optional.of("%s had not come in time".formatted(until));
      }
      FenceInPlace.pause(began);
    }
    return Optional.of("called off");
  }
}
