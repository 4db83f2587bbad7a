package dev.matriarch.actors;

import dev.matriarch.actors.postgres.Guardian;
import dev.matriarch.actors.postgres.HostClock;
import dev.matriarch.actors.postgres.Outcome;
import dev.matriarch.protocol.election.Effect;
import dev.matriarch.protocol.election.LeaseView;
import dev.matriarch.protocol.election.Outlook;
import dev.matriarch.protocol.election.RecordChange;
import dev.matriarch.protocol.ha.Decision;
import dev.matriarch.protocol.ha.HaPolicy;
import dev.matriarch.protocol.ha.Operation;
import dev.matriarch.protocol.report.Failover;
import java.time.Duration;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * The local PostgreSQL: observe, decide, run one operation, observe again. The decision is {@link
 * HaPolicy}'s; nothing else starts, stops, promotes or re-points PostgreSQL.
 */
public final class Supervisor extends AbstractBehavior<Supervisor.Command> {
  private static final Duration ASK_AGAIN = Duration.ofSeconds(2);
  private static final Duration REWIND_MAY_END = Duration.ofSeconds(60);

  /** What this actor reacts to; the private commands are its notes to itself. */
  public sealed interface Command {}

  /** Leadership or the election's orders have changed, or the own lease was renewed. */
  record Leadership(Outlook outlook) implements Command {}

  /** This node has won a fail-over; the lease is told next. */
  record Won(Failover failover) implements Command {}

  /** Who is there. */
  record Saw(Members.Heard heard) implements Command {}

  /** Bring PostgreSQL down in order, give the lease up, and answer. */
  public record Stop(ActorRef<Stopped> replyTo) implements Command {}

  /**
   * Stop PostgreSQL and give the lease to another member.
   *
   * @param order empty: no more
   */
  record HandOver(Optional<HandingOver> order) implements Command {}

  /** Nothing runs any more. */
  public record Stopped() {}

  private record Looked(Observation observation) implements Command {}

  private record Ended(OperationResult result) implements Command {}

  private record Watching(Guardian guardian) implements Command {}

  private record NotAdopted(String reason) implements Command {}

  private record PostmasterGone(Guardian guardian) implements Command {}

  private record Turn() implements Command {}

  /** Cancel what the agent's stop has waited for. */
  private record EnoughWaited(long ofEpoch) implements Command {}

  private record Changed(Effect.Verdict verdict) implements Command {}

  private record Worked(PrimaryChores.Report report) implements Command {}

  private record Synchronised(SyncKeeper.Worked worked) implements Command {}

  private record Wrote(WriteWatch.Report report) implements Command {}

  private record SetDecided(Effect.Verdict verdict) implements Command {}

  private final TimerScheduler<Command> timers;
  private final Knowledge knowledge;
  private final Optional<Operations> operations;
  private final GuardianCare care;
  private final Optional<ActorRef<Probe.Command>> probe;
  private final Optional<PrimaryChores> chores;
  private final Optional<SyncKeeper> synchrony;
  private final Optional<WriteWatch> writes;
  private final GivingUp givingUp;
  private final Pace pace;
  private final NextTurn next = new NextTurn();
  private final ActorRef<Effect.Verdict> setVerdicts;
  private final ActorRef<Election.Command> election;
  private final Pictures pictures;
  private final ActorRef<Effect.Verdict> verdicts;
  private final CurrentOperation current;
  private Optional<ActorRef<Stopped>> stopped = Optional.empty();
  private Optional<Decision> last = Optional.empty();
  private Duration askedAt = Duration.ZERO;
  private final MissedLeader missing = new MissedLeader();

  private Supervisor(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      Knowledge knowledge,
      Optional<PostgresHost> host,
      ActorRef<Election.Command> election,
      Pictures pictures) {
    super(context);
    this.timers = timers;
    this.knowledge = knowledge;
    this.election = election;
    this.pictures = pictures;
    verdicts = context.messageAdapter(Effect.Verdict.class, Changed::new);
    current =
        new CurrentOperation(context, context.messageAdapter(OperationResult.class, Ended::new));
    var looked = context.messageAdapter(Observation.class, Looked::new);
    var self = context.getSelf();
    operations = host.map(it -> new Operations(it, guardian -> self.tell(new Watching(guardian))));
    care =
        new GuardianCare(
            knowledge,
            operations,
            reason -> self.tell(new NotAdopted(reason)),
            guardian -> self.tell(new PostmasterGone(guardian)));
    probe = host.map(it -> context.spawn(Probe.create(it, looked), "probe"));
    chores = host.map(it -> new PrimaryChores(it, report -> self.tell(new Worked(report))));
    synchrony = host.map(it -> new SyncKeeper(it, worked -> self.tell(new Synchronised(worked))));
    writes = host.map(it -> new WriteWatch(it, report -> self.tell(new Wrote(report))));
    givingUp = new GivingUp(knowledge, election, pictures);
    pace = new Pace(knowledge, synchrony, writes);
    setVerdicts =
        context.spawn(
            Behaviors.receiveMessage(verdict -> {
              self.tell(new SetDecided(verdict));
              return Behaviors.same();
            }),
            "set-verdicts");
    host.ifPresent(care::begin);
  }

  static Behavior<Command> create(
      Knowledge knowledge,
      Optional<PostgresHost> host,
      ActorRef<Election.Command> election,
      Pictures pictures) {
    return Behaviors.setup(context ->
        Behaviors.withTimers(timers -> {
          var supervisor = new Supervisor(context, timers, knowledge, host, election, pictures);
          supervisor.look();
          context.getSelf().tell(new Turn());
          return supervisor;
        }));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder().onAnyMessage(this::on).build();
  }

  private Behavior<Command> on(Command command) {
    switch (command) {
      case Leadership(var outlook) when knowledge.isRenewal(outlook) -> {
        leadership(outlook.lease());
        fence(now());
        pictures.renewed(knowledge);
        return this; // ten times a second, and nothing to decide
      }
      case Leadership(var outlook) -> {
        knowledge.orders = outlook.orders();
        knowledge.told = outlook.incarnation();
        knowledge.answeredBy(outlook.present(), now());
        operations.ifPresent(it -> it.ordered(outlook.orders()));
        leadership(outlook.lease());
        if (missing.begins(outlook)) {
          look();
        }
      }
      case Won(var failover) -> knowledge.failovers.elected(failover);
      case Saw(var heard) -> knowledge.heard(heard.members());
      case Looked(var observation) when observation.epoch() < current.epoch() -> look();
      case Looked(var observation) ->
          knowledge.saw(observation, knowledge.guardian.postmasterRuns(), now());
      case Ended(var result) -> ended(result);
      case Watching(var guardian) -> care.watch(guardian);
      case NotAdopted(var reason) -> care.notAdopted(reason);
      case PostmasterGone(var guardian) -> {
        if (care.postmasterGone(guardian, now())) {
          current.newEpoch();
          knowledge.observed = Optional.empty();
          look();
        }
      }
      case Stop(var replyTo) -> {
        knowledge.stopping = true;
        stopped = Optional.of(replyTo);
        cancelForStop();
      }
      case HandOver(var order) ->
          knowledge.handover = order.filter(_ -> knowledge.lease instanceof LeaseView.Mine);
      case EnoughWaited(var ofEpoch) -> {
        if (ofEpoch == current.epoch()) {
          current.cancel();
        }
      }
      case Changed(var verdict) -> changed(verdict);
      case Worked(var report) -> chores.ifPresent(it -> it.done(report));
      case Synchronised(var worked) -> synchrony.ifPresent(it -> it.done(worked, now()));
      case Wrote(var report) -> writes.ifPresent(it -> it.done(report, now()));
      case SetDecided(var verdict) -> synchrony.ifPresent(it -> it.decided(verdict, now()));
      case Turn() -> {
        next.turned();
        look();
      }
    }
    return turn();
  }

  // --- one turn of the circle -------------------------------------------------------------------

  private Behavior<Command> turn() {
    var now = now();
    fence(now);
    if (knowledge.orders.fenceFor().isPresent()) {
      knowledge.sealing.closeIfPossible();
    }
    care.stopUnguarded(now);
    givingUp.callOffHandOver(now);
    writes.ifPresent(it -> it.look(knowledge, now));
    var view = knowledge.view(now);
    var decision = HaPolicy.decide(view);
    synchrony.ifPresent(it -> it.tell(knowledge)); // before a change is proposed that rests on it
    pictures.local(knowledge, now);
    knowledge.failovers.look(knowledge, now);
    log(decision);
    if (decision instanceof Decision.Stop || !givingUp.isUnderWay(now)) {
      carryOut(decision, now);
    }
    chores.ifPresent(it -> it.look(knowledge, election, verdicts, now));
    synchrony.ifPresent(it -> it.look(knowledge, election, setVerdicts, now));
    operations.ifPresent(it -> it.keepReadyToFence(knowledge, now));
    pictures.show(knowledge, chores.filter(PrimaryChores::isReady).isPresent(), decision, now);
    next.timer(pace.next(last, now), now).ifPresent(it -> timers.startSingleTimer(new Turn(), it));
    return view.instance().isDown() || knowledge.isForeign(view.instance())
        ? answerStopped()
        : this;
  }

  private void carryOut(Decision decision, Duration now) {
    switch (decision) {
      case Decision.Stay _ -> {}
      case Decision.Identify(var identifier, _) -> ask(new RecordChange.Identify(identifier), now);
      case Decision.GiveUp(var successor, _) -> givingUp.giveUp(successor, now);
      case Decision.Resign _ -> givingUp.resign(now);
      case Decision.Stop(var immediate, _) when knowledge.busy.isPresent() -> {
        // What is being made is ended first; PostgreSQL at once, for it may be coming up.
        if (current.cancel()) {
          operations.ifPresent(it -> it.stopNow(immediate));
        }
      }
      case Decision.Initialise _,
          Decision.StartPrimary _,
          Decision.StartStandby _,
          Decision.Promote _,
          Decision.Follow _,
          Decision.Stop _,
          Decision.RecoverCrash _,
          Decision.Judge _,
          Decision.Rewind _,
          Decision.Clone _,
          Decision.Fence _,
          Decision.Fetch _,
          Decision.TakeIncarnation _ ->
          operations.ifPresent(it -> begin(it, decision));
    }
  }

  /** A stop must not become an immediate one, and half a rewind costs a whole clone. */
  private void cancelForStop() {
    knowledge.busy.ifPresent(operation -> {
      switch (operation) {
        case STOP -> {}
        case REWIND -> timers.startSingleTimer(new EnoughWaited(current.epoch()), REWIND_MAY_END);
        case INITIALISE,
            CLONE,
            START_PRIMARY,
            START_STANDBY,
            PROMOTE,
            FOLLOW,
            CRASH_RECOVERY,
            JUDGE,
            FENCE,
            FETCH,
            TAKE_INCARNATION ->
            current.cancel();
      }
    });
  }

  private void begin(Operations with, Decision decision) {
    HaPolicy.operationOf(decision)
        .ifPresent(operation -> {
          current.newEpoch();
          var gate = knowledge.sealing.begins(decision);
          var work = with.prepare(decision, knowledge, gate);
          knowledge.busy = Optional.of(operation);
          knowledge.becoming = Operations.becoming(decision);
          pictures.local(knowledge, now()); // before it begins: the election relies on that
          current.begin(operation, work);
        });
  }

  private void ended(OperationResult result) {
    current.ended();
    switch (result.outcome()) {
      case Outcome.Done(var detail) ->
          getContext().getLog().info("{} done: {}", result.operation(), detail);
      case Outcome.Failed(var reason) ->
          getContext().getLog().warn("{} failed: {}", result.operation(), reason);
    }
    knowledge.failovers.ended(result, now());
    Aftermath.of(result, knowledge, now());
    look();
  }

  // --- leadership --------------------------------------------------------------------------------

  private void leadership(LeaseView view) {
    var before = knowledge.leader();
    knowledge.lease = view;
    if (view instanceof LeaseView.Mine(_, var until, _)) {
      operations.ifPresent(it -> it.renewed(until));
    } else {
      knowledge.handover = Optional.empty();
    }
    if (!before.equals(knowledge.leader())) {
      givingUp.over();
      knowledge.crashes = 0;
      knowledge.restingUntil.remove(Operation.FOLLOW);
      getContext()
          .getLog()
          .info(
              "leader: {} (was {}), term {}",
              knowledge.leader().map(Object::toString).orElse("none"),
              before.map(Object::toString).orElse("none"),
              knowledge.term());
      look();
    }
  }

  private void fence(Duration now) {
    if (!care.tell(now)) {
      look();
    }
  }

  // --- the rest ---------------------------------------------------------------------------------

  private void look() {
    probe.ifPresent(it -> it.tell(new Probe.Look(current.epoch(), knowledge.history())));
    care.adoptUnguarded(now());
  }

  private void ask(RecordChange change, Duration now) {
    if (now.minus(askedAt).compareTo(ASK_AGAIN) >= 0) {
      askedAt = now;
      election.tell(new Election.Change(change, verdicts));
    }
  }

  private void changed(Effect.Verdict verdict) {
    switch (verdict) {
      case Effect.Verdict.Chosen _ -> askedAt = Duration.ZERO;
      case Effect.Verdict.Refused(var reason) ->
          getContext().getLog().info("the record was not changed: {}", reason);
      case Effect.Verdict.Unknown(var reason) ->
          getContext().getLog().info("the record may not have changed: {}", reason);
    }
  }

  private void log(Decision decision) {
    if (!last.equals(Optional.of(decision))) {
      last = Optional.of(decision);
      getContext().getLog().info("{}", DecisionText.of(decision));
    }
  }

  /** Once PostgreSQL is down, was seen to be, and the lease is gone. */
  private Behavior<Command> answerStopped() {
    var over =
        knowledge.stopping
            && knowledge.busy.isEmpty()
            && (knowledge.witness || knowledge.observed.isPresent())
            && !(knowledge.lease instanceof LeaseView.Mine);
    if (!over || stopped.isEmpty()) {
      return this;
    }
    stopped.get().tell(new Stopped());
    return Behaviors.stopped();
  }

  private static Duration now() {
    return Duration.ofNanos(HostClock.bootNanos());
  }
}
