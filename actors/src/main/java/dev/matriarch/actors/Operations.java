package dev.matriarch.actors;

import dev.matriarch.actors.Observation.Seen;
import dev.matriarch.actors.OperationResult.Learned;
import dev.matriarch.actors.postgres.ControlData;
import dev.matriarch.actors.postgres.Guardian;
import dev.matriarch.actors.postgres.InstanceStatus;
import dev.matriarch.actors.postgres.Outcome;
import dev.matriarch.actors.postgres.PgConnection;
import dev.matriarch.actors.postgres.ProcessId;
import dev.matriarch.actors.postgres.Promote;
import dev.matriarch.actors.postgres.ReplicationProtocol;
import dev.matriarch.actors.postgres.Rewind;
import dev.matriarch.actors.postgres.RunningPostmaster;
import dev.matriarch.config.DynamicSettings;
import dev.matriarch.protocol.election.LeaseView;
import dev.matriarch.protocol.election.Orders;
import dev.matriarch.protocol.ha.Decision;
import dev.matriarch.protocol.ha.Divergence;
import dev.matriarch.protocol.ha.Instance;
import dev.matriarch.protocol.ha.Operation;
import dev.matriarch.protocol.ha.Rejoin;
import dev.matriarch.protocol.ha.TimelineHistory;
import dev.matriarch.protocol.ha.WritePathRules.Verdict;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Position;
import dev.matriarch.protocol.sync.StandbyNames;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Makes of each decision the piece of blocking work that carries it out. */
final class Operations {
  /**
   * How long standbys may take to receive the last WAL. In synchronous mode enough of them have all
   * that was acknowledged.
   */
  private static final Duration DRAIN_SYNCHRONOUS = Duration.ofSeconds(1);

  private static final Duration DRAIN_ASYNCHRONOUS = Duration.ofSeconds(5);
  private static final Duration PREPARE_EVERY = Duration.ofSeconds(5);

  /** Not at once after an operation: clients may be waiting for what it began. */
  private static final Duration PREPARE_AGAIN = Duration.ofSeconds(1);

  private final PostgresHost host;
  private final Rebuild rebuild;
  private final Promotion promotion;
  private final Consumer<Guardian> watching;

  /** The end of the own lease in milliseconds; read at the last moment by a start. */
  private final AtomicLong deadlineMs = new AtomicLong();

  /** What the election wants now; a fetch looks at it all the time. */
  private final Latest<Orders> orders = new Latest<>(Orders.NONE);

  private final FenceWork fence;
  private Duration fencePreparedAt = Duration.ZERO;
  private long operations;
  private final AtomicLong preparedSince = new AtomicLong(-1);

  Operations(PostgresHost host, Consumer<Guardian> watching) {
    this.host = host;
    rebuild = new Rebuild(host);
    promotion = new Promotion(host);
    this.watching = watching;
    fence = new FenceWork(host, watching);
  }

  /** The timeline on which a decision makes a primary. */
  static Optional<Integer> becoming(Decision decision) {
    return switch (decision) {
      case Decision.Initialise _ -> Optional.of(1);
      case Decision.StartPrimary(var timeline, _) -> Optional.of(timeline);
      case Decision.Promote(var timeline, _) -> Optional.of(timeline);
      case Decision.Stay _,
          Decision.Identify _,
          Decision.StartStandby _,
          Decision.Follow _,
          Decision.Stop _,
          Decision.RecoverCrash _,
          Decision.Judge _,
          Decision.Rewind _,
          Decision.Clone _,
          Decision.Fence _,
          Decision.Fetch _,
          Decision.TakeIncarnation _,
          Decision.Resign _,
          Decision.GiveUp _ ->
          Optional.empty();
    };
  }

  /** Whether the server process is the same afterwards. */
  static boolean keepsPostmaster(Operation operation) {
    return switch (operation) {
      case PROMOTE, FOLLOW, TAKE_INCARNATION -> true;
      case INITIALISE,
          CLONE,
          START_PRIMARY,
          START_STANDBY,
          STOP,
          CRASH_RECOVERY,
          JUDGE,
          REWIND,
          FENCE,
          FETCH ->
          false;
    };
  }

  /** The work for a decision, with all that it needs of {@code knowledge} taken along. */
  Supplier<OperationResult> prepare(Decision decision, Knowledge knowledge, FollowGate gate) {
    if (knowledge.lease instanceof LeaseView.Mine(_, var until, _)) {
      deadlineMs.set(until.toMillis());
    }
    var dynamic = knowledge.dynamic();
    var names = PostgresHost.namesFor(knowledge);
    return switch (decision) {
      case Decision.Initialise _ ->
          plain(Operation.INITIALISE, () -> host.initialise(dynamic, deadlineMs::get, watching));
      case Decision.StartPrimary _ ->
          plain(
              Operation.START_PRIMARY,
              () -> host.startPrimary(dynamic, names, deadlineMs::get, watching));
      case Decision.StartStandby(var upstream, _) -> {
        var source = upstream.flatMap(knowledge::upstreamOf);
        yield plain(Operation.START_STANDBY, () -> host.startStandby(dynamic, source, watching));
      }
      case Decision.Promote(var timeline, _) -> {
        var slots =
            dynamic.useSlots()
                ? PrimaryChores.slotsOfOthers(host, knowledge)
                : new TreeSet<String>();
        yield () -> promote(timeline, names, slots);
      }
      case Decision.Follow(var leader, _) ->
          behind(Operation.FOLLOW, knowledge, leader, it -> host.follow(dynamic, it));
      case Decision.Stop(var immediate, _) when !immediate && knowledge.handover.isPresent() -> {
        var drain = drain(knowledge);
        yield stopping(() -> host.stopDraining(drain));
      }
      case Decision.Stop(var immediate, _)
          when !immediate && knowledge.writes.verdict() instanceof Verdict.Leave ->
          stopping(host::stopSick);
      case Decision.Stop(var immediate, _)
          when !immediate && knowledge.writes.verdict() instanceof Verdict.Restart -> {
        var drain = drain(knowledge);
        yield stopping(() -> host.stopDraining(drain));
      }
      case Decision.Stop(var immediate, _) -> stopping(() -> host.stop(immediate));
      case Decision.RecoverCrash _ -> plain(Operation.CRASH_RECOVERY, rebuild::recoverCrash);
      case Decision.Judge(var leader, _) -> judge(knowledge, leader, dynamic);
      case Decision.Rewind(var leader, _) -> rewind(knowledge, leader, dynamic, gate);
      case Decision.Clone(var leader, _) ->
          behind(
              Operation.CLONE, knowledge, leader, it -> rebuild.copy(dynamic, it, gate, watching));
      case Decision.Fence _ -> () -> fence.fence(dynamic);
      case Decision.Fetch(var fetch, _) -> fetch(knowledge, fetch, dynamic);
      case Decision.TakeIncarnation(var number, _) -> () -> takeIncarnation(number);
      case Decision.Stay _, Decision.Identify _, Decision.GiveUp _, Decision.Resign _ ->
          throw new IllegalStateException("no operation: " + decision);
    };
  }

  private static Duration drain(Knowledge knowledge) {
    return knowledge.isSynchronous() ? DRAIN_SYNCHRONOUS : DRAIN_ASYNCHRONOUS;
  }

  /**
   * Called at every turn: on a standby whose promise may have to be a fence. An operation may have
   * ended the server that it was prepared with.
   */
  void keepReadyToFence(Knowledge knowledge, Duration now) {
    if (knowledge.busy.isPresent()) {
      operations++;
      fencePreparedAt = now;
      return;
    }
    var every = preparedSince.get() == operations ? PREPARE_EVERY : PREPARE_AGAIN;
    if (now.minus(fencePreparedAt).compareTo(every) >= 0
        && knowledge.isSynchronous()
        && knowledge.instance(now) instanceof Instance.Standby) {
      fencePreparedAt = now;
      var dynamic = knowledge.dynamic();
      var operation = operations;
      Thread.ofVirtual()
          .name("prepare-fence")
          .start(() -> preparedSince.set(fence.prepare(dynamic) ? operation : -1));
    }
  }

  /** Called with all that the election orders. */
  void ordered(Orders newest) {
    orders.set(newest);
  }

  private Supplier<OperationResult> fetch(
      Knowledge knowledge, Orders.Fetch fetch, DynamicSettings dynamic) {
    var source = knowledge.upstreamOf(fetch.from());
    return () ->
        source
            .map(it ->
                fence.fetch(
                    dynamic,
                    it,
                    fetch.upTo(),
                    () -> orders.get().fetch().equals(Optional.of(fetch))))
            .orElseGet(() -> OperationResult.of(Operation.FETCH, unheard(fetch.from())));
  }

  private OperationResult takeIncarnation(long number) {
    var written = host.incarnationFile().write(number);
    return new OperationResult(
        Operation.TAKE_INCARNATION,
        written,
        written instanceof Outcome.Done ? new Learned.Numbered(number) : new Learned.Nothing());
  }

  /** A later end of the lease, for a start that is under way. */
  void renewed(Duration until) {
    deadlineMs.set(until.toMillis());
  }

  /** Beside an operation that is being cancelled. */
  void stopNow(boolean immediate) {
    Thread.ofVirtual().name("stop-now").start(() -> host.stop(immediate));
  }

  /**
   * Puts a guardian over a PostgreSQL that runs without one.
   *
   * @param deadline needed where it runs as primary; milliseconds on the host's clock
   * @param failed gets the reason if it did not work
   */
  void adopt(ProcessId postmaster, Optional<Long> deadline, Consumer<String> failed) {
    Thread.ofVirtual()
        .name("adopt")
        .start(() -> {
          try {
            switch (Guardian.adopt(host.site().guardian(), postmaster, deadline)) {
              case Guardian.Start.Watching(var guardian) -> watching.accept(guardian);
              case Guardian.Start.NotStarted(var reason) -> failed.accept(reason);
            }
          } catch (RuntimeException | Error e) {
            failed.accept("unexpected: " + e);
          }
        });
  }

  private static Supplier<OperationResult> plain(Operation operation, Supplier<Outcome> work) {
    return () -> OperationResult.of(operation, work.get());
  }

  private Supplier<OperationResult> stopping(Supplier<Outcome> work) {
    return () -> {
      var outcome = work.get();
      var held = outcome instanceof Outcome.Done && RunningPostmaster.isHeld(host.dataDir());
      return new OperationResult(
          Operation.STOP, outcome, held ? new Learned.Held() : new Learned.Nothing());
    };
  }

  private interface FromLeader {
    Outcome with(Upstream upstream);
  }

  private static Supplier<OperationResult> behind(
      Operation operation, Knowledge knowledge, NodeId leader, FromLeader work) {
    return knowledge
        .upstreamOf(leader)
        .map(upstream -> plain(operation, () -> work.with(upstream)))
        .orElseGet(() -> plain(operation, () -> unheard(leader)));
  }

  private static Outcome unheard(NodeId leader) {
    return new Outcome.Failed("%s has not said where its PostgreSQL is".formatted(leader));
  }

  private OperationResult promote(int timeline, StandbyNames names, SortedSet<String> slots) {
    try {
      return OperationResult.of(Operation.PROMOTE, promoted(timeline, names, slots));
    } catch (RuntimeException | Error e) {
      return OperationResult.of(Operation.PROMOTE, stopped("unexpected: " + e));
    }
  }

  private Outcome promoted(int timeline, StandbyNames names, SortedSet<String> slots) {
    return switch (promotion.run(timeline, names, slots, fence.handOver())) {
      case Promote.Result.Promoted(var on, var took) ->
          new Outcome.Done("on timeline %d in %d ms".formatted(on, took.toMillis()));
      case Promote.Result.NotPromoted(var why) -> new Outcome.Failed(why);
      case Promote.Result.Pending(var why) -> stopped(why);
      case Promote.Result.WrongTimeline(var why) -> stopped(why);
    };
  }

  /** A promotion that may still happen, or that went wrong, must not be left to itself. */
  private Outcome stopped(String why) {
    // A cancelled promotion is stopped to the end as well.
    var cancelled = Thread.interrupted();
    var stop = host.stop(true);
    if (cancelled) {
      Thread.currentThread().interrupt();
    }
    return new Outcome.Failed(
        switch (stop) {
          case Outcome.Done _ -> why + "; PostgreSQL was stopped";
          case Outcome.Failed(var reason) -> why + "; and PostgreSQL does not stop: " + reason;
        });
  }

  // --- against the leader's WAL -----------------------------------------------------------------

  private Supplier<OperationResult> judge(
      Knowledge knowledge, NodeId leader, DynamicSettings dynamic) {
    var upstream = knowledge.upstreamOf(leader);
    var timeline = knowledge.lease.known().map(it -> it.timeline()).orElse(0);
    var against = new OperationResult.Against(leader, knowledge.term());
    var measured = knowledge.sealing.measured();
    var running =
        knowledge
            .observed
            .map(Observation::seen)
            .flatMap(Operations::runningStandby)
            .map(it ->
                measured
                    .map(end -> new Divergence.LocalWal(Divergence.Origin.REPLICA, end))
                    .orElse(it));
    return () -> {
      if (upstream.isEmpty()) {
        return OperationResult.of(Operation.JUDGE, unheard(leader));
      }
      return switch (host.control()) {
        case ControlData.Reading.Unreadable(var reason) ->
            OperationResult.of(Operation.JUDGE, new Outcome.Failed(reason));
        case ControlData.Reading.Read(var control) -> {
          var local = running.orElseGet(() -> local(control));
          var canRewind =
              host.settings().rewinds(dynamic)
                  && (control.walLogHints() || control.dataChecksums());
          yield judged(local, upstream.get(), timeline, canRewind, against);
        }
      };
    };
  }

  private static Optional<Divergence.LocalWal> runningStandby(Seen seen) {
    return seen instanceof Seen.Up(var status, _)
            && status.role() instanceof InstanceStatus.Standby standby
        ? Optional.of(new Divergence.LocalWal(Divergence.Origin.REPLICA, standby.position()))
        : Optional.empty();
  }

  private static Divergence.LocalWal local(ControlData control) {
    if (control.state().isUncleanPrimary()) {
      return new Divergence.LocalWal(Divergence.Origin.CRASHED_PRIMARY, control.checkpoint());
    }
    return control.state() == ControlData.State.SHUT_DOWN
        ? new Divergence.LocalWal(Divergence.Origin.STOPPED_PRIMARY, control.checkpoint())
        : new Divergence.LocalWal(
            Divergence.Origin.REPLICA,
            control.minimumRecoveryEnd().filter(Operations::isKnown).orElse(control.checkpoint()));
  }

  private static boolean isKnown(Position position) {
    return position.timeline() > 0 && position.lsn().bytes() != 0;
  }

  private OperationResult judged(
      Divergence.LocalWal local,
      Upstream leader,
      int timeline,
      boolean canRewind,
      OperationResult.Against against) {
    var source = PgConnection.to(leader.postgres(), host.settings().replication());
    TimelineHistory history;
    try {
      history =
          new ReplicationProtocol(source).timelineHistory(timeline).orElse(TimelineHistory.EMPTY);
    } catch (SQLException e) {
      return OperationResult.of(
          Operation.JUDGE, new Outcome.Failed("the leader gave no history: " + e.getMessage()));
    }
    var back = canRewind ? Rejoin.REWIND : Rejoin.CLONE;
    return switch (Divergence.judge(local, new Divergence.LeaderWal(timeline, history))) {
      case Divergence.Same() -> verdict("on the leader's timeline", Rejoin.FOLLOW, against);
      case Divergence.Behind() -> verdict("can follow", Rejoin.FOLLOW, against);
      case Divergence.Diverged(var why) -> verdict("diverged: " + why, back, against);
      case Divergence.RewindDecides(var why) -> verdict("may have diverged: " + why, back, against);
      case Divergence.Unknown(var why) ->
          OperationResult.of(Operation.JUDGE, new Outcome.Failed(why));
    };
  }

  private static OperationResult verdict(
      String detail, Rejoin rejoin, OperationResult.Against against) {
    return new OperationResult(
        Operation.JUDGE, new Outcome.Done(detail), new Learned.Judged(rejoin, against));
  }

  private Supplier<OperationResult> rewind(
      Knowledge knowledge, NodeId leader, DynamicSettings dynamic, FollowGate gate) {
    var upstream = knowledge.upstreamOf(leader);
    var timeline = knowledge.lease.known().map(it -> it.timeline()).orElse(0);
    var against = new OperationResult.Against(leader, knowledge.term());
    return () ->
        upstream
            .map(it -> rewound(rebuild.rewind(dynamic, it, timeline, gate, watching), against))
            .orElseGet(() -> OperationResult.of(Operation.REWIND, unheard(leader)));
  }

  private static OperationResult rewound(Rewind.Result result, OperationResult.Against against) {
    return switch (result) {
      case Rewind.Result.NotRequired() ->
          new OperationResult(
              Operation.REWIND,
              new Outcome.Done("no rewind required"),
              new Learned.Judged(Rejoin.FOLLOW, against));
      case Rewind.Result.Done(var detail) ->
          OperationResult.of(Operation.REWIND, new Outcome.Done(detail));
      case Rewind.Result.TryAgain(var why) ->
          new OperationResult(
              Operation.REWIND,
              new Outcome.Failed(why),
              new Learned.Judged(Rejoin.REWIND, against));
      case Rewind.Result.Cannot(var why) ->
          new OperationResult(
              Operation.REWIND, new Outcome.Failed(why), new Learned.Judged(Rejoin.CLONE, against));
      case Rewind.Result.Broken(var why) ->
          OperationResult.of(Operation.REWIND, new Outcome.Failed(why));
    };
  }
}
