package dev.matriarch.actors;

import dev.matriarch.actors.OperationResult.Learned;
import dev.matriarch.actors.postgres.FetchWal;
import dev.matriarch.actors.postgres.Guardian;
import dev.matriarch.actors.postgres.Outcome;
import dev.matriarch.actors.postgres.StandbyFence;
import dev.matriarch.config.DynamicSettings;
import dev.matriarch.protocol.ha.Operation;
import dev.matriarch.protocol.model.Position;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Fences the local standby and lets it fetch WAL, for the supervisor's operations. It keeps the
 * connections that a fence needs open: logging in takes longer than the fence.
 */
final class FenceWork {
  /** A source that was heard a moment ago sends at the speed of the network. */
  private static final Duration FETCH_TIMEOUT = Duration.ofMinutes(10);

  private final PostgresHost host;
  private final Consumer<Guardian> watching;
  private final ReentrantLock inUse = new ReentrantLock();
  private Optional<StandbyFence> fence = Optional.empty();
  private Optional<DynamicSettings> settings = Optional.empty();

  FenceWork(PostgresHost host, Consumer<Guardian> watching) {
    this.host = host;
    this.watching = watching;
  }

  OperationResult fence(DynamicSettings dynamic) {
    inUse.lock();
    try {
      return switch (of(dynamic)) {
        case Made.Missing(var reason) -> failed(Operation.FENCE, reason);
        case Made.Ready(var ready) ->
            result(Operation.FENCE, ready.fence(StandbyFence.Limits.DEFAULT));
      };
    } finally {
      inUse.unlock();
    }
  }

  /**
   * Fetches what a better standby has.
   *
   * @param allowed whether the election still wants it
   */
  OperationResult fetch(
      DynamicSettings dynamic, Upstream from, Position upTo, BooleanSupplier allowed) {
    inUse.lock();
    try {
      return switch (of(dynamic)) {
        case Made.Missing(var reason) -> failed(Operation.FETCH, reason);
        case Made.Ready(var ready) ->
            switch (new FetchWal(ready, StandbyFence.Limits.DEFAULT)
                .run(host.plainConninfo(from), upTo, allowed, FETCH_TIMEOUT)) {
              case FetchWal.Result.Fetched(var fenced) -> result(Operation.FETCH, fenced);
              case FetchWal.Result.NotFetched(var why, var fenced) ->
                  new OperationResult(Operation.FETCH, new Outcome.Failed(why), learned(fenced));
            };
      };
    } finally {
      inUse.unlock();
    }
  }

  /**
   * Logs in beforehand, unless a fence is under way.
   *
   * @return whether a fence need not log in now
   */
  boolean prepare(DynamicSettings dynamic) {
    if (!inUse.tryLock()) {
      return false;
    }
    try {
      return of(dynamic) instanceof Made.Ready(var ready) && ready.prepare();
    } finally {
      inUse.unlock();
    }
  }

  /** What is open goes into a promotion; empty if nothing was. */
  Optional<StandbyFence.Handle> handOver() {
    inUse.lock();
    try {
      return fence.flatMap(StandbyFence::handOver);
    } finally {
      inUse.unlock();
    }
  }

  private sealed interface Made {
    record Ready(StandbyFence fence) implements Made {}

    record Missing(String reason) implements Made {}
  }

  private Made of(DynamicSettings dynamic) {
    settings = Optional.of(dynamic);
    if (fence.isPresent()) {
      return new Made.Ready(fence.get());
    }
    return switch (host.site().tools().find()) {
      case ToolBox.Search.Missing(var reason) -> new Made.Missing(reason);
      case ToolBox.Search.Found(var tools) -> {
        var made =
            new StandbyFence(
                host.fencePlace(tools),
                () -> host.fencedStart(tools, settings.orElseThrow()),
                watching);
        fence = Optional.of(made);
        yield new Made.Ready(made);
      }
    };
  }

  private static OperationResult result(Operation operation, StandbyFence.Result result) {
    var outcome =
        switch (result) {
          case StandbyFence.Result.Fenced(var position, var how, var why, var took) ->
              new Outcome.Done(
                  "at %s, %s%s, in %d ms"
                      .formatted(position, how, why.isEmpty() ? "" : ": " + why, took.toMillis()));
          case StandbyFence.Result.WithoutPosition(var why, _) ->
              new Outcome.Failed("fenced, but how much it has is not known yet: " + why);
          case StandbyFence.Result.NotFenced(var why) -> new Outcome.Failed(why);
        };
    return new OperationResult(operation, outcome, learned(result));
  }

  private static Learned learned(StandbyFence.Result result) {
    return switch (result) {
      case StandbyFence.Result.Fenced(var position, _, _, _) -> new Learned.Measured(position);
      case StandbyFence.Result.WithoutPosition _ -> new Learned.Closed();
      case StandbyFence.Result.NotFenced _ -> new Learned.Nothing();
    };
  }

  private static OperationResult failed(Operation operation, String reason) {
    return OperationResult.of(operation, new Outcome.Failed(reason));
  }
}
