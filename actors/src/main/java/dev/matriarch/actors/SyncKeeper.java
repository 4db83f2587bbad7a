package dev.matriarch.actors;

import dev.matriarch.actors.Observation.Seen;
import dev.matriarch.actors.postgres.HostClock;
import dev.matriarch.actors.postgres.IncarnationFile;
import dev.matriarch.actors.postgres.InstanceStatus;
import dev.matriarch.actors.postgres.SyncInForce;
import dev.matriarch.protocol.election.Ballot;
import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.election.Effect;
import dev.matriarch.protocol.election.Incarnation;
import dev.matriarch.protocol.election.LeaseView;
import dev.matriarch.protocol.election.RecordChange;
import dev.matriarch.protocol.election.SyncSet;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.sync.StandbyNames;
import dev.matriarch.protocol.sync.SyncMode;
import dev.matriarch.protocol.sync.SyncPlan;
import dev.matriarch.protocol.sync.SyncSetting;
import dev.matriarch.protocol.sync.SyncStep;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.pekko.actor.typed.ActorRef;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries {@link SyncPlan}'s steps out on the leader, and on a standby keeps the setting with which
 * it would be promoted. What blocks runs on a virtual thread, one piece at a time.
 */
final class SyncKeeper {
  private static final Logger LOG = LoggerFactory.getLogger(SyncKeeper.class);
  private static final Duration LOOK_EVERY = Duration.ofSeconds(1);
  private static final Duration LOOK_IN_ORDER = Duration.ofMillis(250);
  private static final Duration LOOK_SOON = Duration.ofMillis(100);
  private static final Duration AGAIN_AFTER = Duration.ofMillis(500);

  /** A piece of work on PostgreSQL's setting has ended; what is in force is known anew. */
  record Worked(Optional<String> problem) {}

  /** A change of the record that was asked for. */
  private record Proposal(Ballot by, Optional<SyncSet> set, State state) {}

  private enum State {
    ASKED,
    CHOSEN,

    /** A leader that stands again may adopt it, or not: open as long as it is this leader. */
    UNKNOWN
  }

  private final SyncHand hand;
  private final Consumer<Worked> reports;
  private final Standbys standbys = new Standbys();
  private Optional<Proposal> proposal = Optional.empty();
  private Optional<String> last = Optional.empty();
  private Optional<String> lastProblem = Optional.empty();
  private boolean working;
  private Duration notBefore = Duration.ZERO;
  private Duration lookedAt = Duration.ZERO;
  private boolean settled;

  SyncKeeper(PostgresHost host, Consumer<Worked> reports) {
    hand = host.site().synchrony();
    this.reports = reports;
  }

  /** Nothing is under way, and nobody is about to leave the set. */
  boolean isSettled() {
    return settled;
  }

  /** How often it has to be asked to {@link #look} while nothing happens; empty: it need not. */
  Optional<Duration> looksEvery(Knowledge knowledge) {
    return leader(knowledge)
        .filter(it -> isWanted(knowledge, it.mine().record()))
        .map(_ -> pause(knowledge));
  }

  /** Says for whom the commits of the local primary wait, as far as that is known. */
  void tell(Knowledge knowledge) {
    knowledge.waitsFor =
        leader(knowledge)
            .filter(it -> isWanted(knowledge, it.mine().record()))
            .flatMap(it -> it.me())
            .map(hand.state()::postgres);
  }

  /** Does what is due; {@link #tell} goes before. */
  void look(
      Knowledge knowledge,
      ActorRef<Election.Command> election,
      ActorRef<Effect.Verdict> verdicts,
      Duration now) {
    settled = true;
    var leader = leader(knowledge);
    if (leader.isPresent()) {
      var mine = leader.get().mine();
      if (isWanted(knowledge, mine.record())) {
        settled = false;
        // Else the data get their number first.
        leader.get().me().ifPresent(it -> primary(knowledge, mine, it, election, verdicts, now));
      }
      return;
    }
    if (!(knowledge.lease instanceof LeaseView.Mine)) {
      proposal = Optional.empty();
      standbys.forget();
      hand.forget();
    }
    if (up(knowledge).filter(it -> it instanceof InstanceStatus.Standby).isPresent()) {
      standby(knowledge, now);
    }
  }

  /** A primary that runs as the record says. */
  private record Leader(LeaseView.Mine mine, Optional<Incarnation> me) {}

  private static Optional<Leader> leader(Knowledge knowledge) {
    var me =
        knowledge
            .incarnation
            .filter(it -> it != IncarnationFile.NONE)
            .filter(_ -> knowledge.orders.incarnation().isEmpty())
            .map(it -> new Incarnation(knowledge.self, it));
    return up(knowledge)
        .flatMap(role ->
            role instanceof InstanceStatus.Primary(var timeline, _, _)
                    && knowledge.lease instanceof LeaseView.Mine mine
                    && mine.record().timeline() == timeline
                ? Optional.of(new Leader(mine, me))
                : Optional.empty());
  }

  private static Optional<InstanceStatus.Role> up(Knowledge knowledge) {
    return knowledge
        .observed
        .filter(_ -> knowledge.busy.isEmpty())
        .flatMap(it ->
            it.seen() instanceof Seen.Up(var status, _)
                ? Optional.of(status.role())
                : Optional.empty());
  }

  /** Where nobody ever asked for it, the setting is the operator's own. */
  private boolean isWanted(Knowledge knowledge, ClusterRecord record) {
    return knowledge.dynamic().synchronous().mode() != SyncMode.OFF
        || record.sync().isPresent()
        || hand.isOurs();
  }

  void done(Worked worked, Duration now) {
    working = false;
    if (worked.problem().isPresent()) {
      notBefore = now.plus(AGAIN_AFTER);
    }
    if (!worked.problem().equals(lastProblem)) {
      worked.problem().ifPresent(it -> LOG.info("the synchronous setting: {}", it));
      lastProblem = worked.problem();
    }
  }

  void decided(Effect.Verdict verdict, Duration now) {
    switch (verdict) {
      case Effect.Verdict.Chosen _ ->
          proposal = proposal.map(it -> new Proposal(it.by(), it.set(), State.CHOSEN));
      case Effect.Verdict.Refused(var reason) -> {
        LOG.info("the change of the synchronous set is refused: {}", reason);
        proposal = Optional.empty();
        notBefore = now.plus(AGAIN_AFTER);
      }
      case Effect.Verdict.Unknown(var reason) -> {
        LOG.info("the synchronous set may not have changed: {}", reason);
        proposal = proposal.map(it -> new Proposal(it.by(), it.set(), State.UNKNOWN));
      }
    }
  }

  // --- the leader -------------------------------------------------------------------------------

  private void primary(
      Knowledge knowledge,
      LeaseView.Mine mine,
      Incarnation me,
      ActorRef<Election.Command> election,
      ActorRef<Effect.Verdict> verdicts,
      Duration now) {
    var state = hand.state();
    proposal = proposal.filter(it -> isOpen(it, mine));
    var view =
        standbys.view(knowledge, hand.standbys(), me, mine.record(), proposal.isPresent(), now);
    if (working) {
      return;
    }
    if (!state.seen()) {
      work(knowledge, now, () -> Optional.empty());
      return;
    }
    var step = SyncPlan.next(knowledge.dynamic().synchronous(), view);
    log(step, me.node());
    settled = step instanceof SyncStep.Nothing && proposal.isEmpty() && !standbys.anySuspected();
    carryOut(step, knowledge, mine.ballot(), me, election, verdicts, now);
  }

  /** Until the record shows it, or this leadership is over. */
  private static boolean isOpen(Proposal change, LeaseView.Mine mine) {
    return change.by().equals(mine.ballot())
        && !(change.state() == State.CHOSEN && change.set().equals(mine.record().sync()));
  }

  private void carryOut(
      SyncStep step,
      Knowledge knowledge,
      Ballot ballot,
      Incarnation me,
      ActorRef<Election.Command> election,
      ActorRef<Effect.Verdict> verdicts,
      Duration now) {
    switch (step) {
      case SyncStep.ProposeRecord(var set, _) -> {
        if (now.compareTo(notBefore) >= 0) {
          proposal = Optional.of(new Proposal(ballot, set, State.ASKED));
          election.tell(new Election.Change(new RecordChange.Synchronise(set), verdicts));
        }
      }
      case SyncStep.SetPostgres(var setting, _) -> bring(setting, knowledge, me, now);
      case SyncStep.GiveUp(var setting, _) -> bring(setting, knowledge, me, now);
      case SyncStep.Wait _ -> {
        if (hand.isWatching()) {
          lookAfter(LOOK_SOON, knowledge, now);
        } else {
          // On from where the last try, or another agent, has ended.
          bring(hand.state().postgres(me).asked(), knowledge, me, now);
        }
      }
      case SyncStep.Nothing _ ->
          lookAfter(standbys.anySuspected() ? LOOK_SOON : pause(knowledge), knowledge, now);
    }
  }

  private void bring(SyncSetting setting, Knowledge knowledge, Incarnation me, Duration now) {
    if (now.compareTo(notBefore) < 0) {
      return;
    }
    var value = StandbyNames.of(setting, me.node());
    work(
        knowledge,
        now,
        () -> {
          var result = hand.bring(value);
          if (result instanceof SyncInForce.Result.InForce(_, var proofs) && !proofs.isEmpty()) {
            LOG.info("commits wait for '{}' from now on ({})", value.format(), text(proofs));
          }
          return problem(result);
        });
  }

  private static String text(List<SyncInForce.Proof> proofs) {
    return proofs.stream()
        .map(it -> "%s: %d ms".formatted(it.what(), it.took().toMillis()))
        .collect(Collectors.joining(", "));
  }

  private static Optional<String> problem(SyncInForce.Result result) {
    return result instanceof SyncInForce.Result.NotYet(var because)
        ? Optional.of(because)
        : Optional.empty();
  }

  /** In order, commits wait for chosen standbys: one that is gone has to be missed soon. */
  private static Duration pause(Knowledge knowledge) {
    return knowledge.dynamic().synchronous().mode() == SyncMode.PRIORITY
        ? LOOK_IN_ORDER
        : LOOK_EVERY;
  }

  private void lookAfter(Duration pause, Knowledge knowledge, Duration now) {
    if (now.minus(lookedAt).compareTo(pause) >= 0) {
      work(knowledge, now, () -> Optional.empty());
    }
  }

  private void log(SyncStep step, NodeId self) {
    var text = text(step, self);
    if (!last.equals(Optional.of(text))) {
      last = Optional.of(text);
      LOG.info("synchronous replication: {}", text);
    }
  }

  private static String text(SyncStep step, NodeId self) {
    return switch (step) {
      case SyncStep.Nothing(var because) -> because;
      case SyncStep.Wait(var because) -> because;
      case SyncStep.ProposeRecord(var set, var because) ->
          "the record is to say %s: %s"
              .formatted(set.map(SyncKeeper::text).orElse("asynchronous"), because);
      case SyncStep.SetPostgres(var setting, var because) ->
          "commits are to wait for '%s': %s"
              .formatted(StandbyNames.of(setting, self).format(), because);
      case SyncStep.GiveUp(var setting, var because) ->
          "commits are to wait for '%s' again: %s"
              .formatted(StandbyNames.of(setting, self).format(), because);
    };
  }

  private static String text(SyncSet set) {
    var nodes = set.members().stream().map(it -> it.node().value()).sorted().toList();
    return "%d copies on %s".formatted(set.copies(), String.join(", ", nodes));
  }

  // --- a standby --------------------------------------------------------------------------------

  /** So that a promotion does not have to wait for the checkpointer. */
  private void standby(Knowledge knowledge, Duration now) {
    if (working || !knowledge.isSynchronous() || now.compareTo(notBefore) < 0) {
      return;
    }
    var goal = PostgresHost.namesFor(knowledge);
    var state = hand.state();
    if (!state.asked().sameAs(goal) || state.possible().size() > 1) {
      work(knowledge, now, () -> problem(hand.prepareStandby(goal)));
    }
  }

  // --- threads ----------------------------------------------------------------------------------

  /** Afterwards it is looked what has become of it. */
  private void work(Knowledge knowledge, Duration now, Supplier<Optional<String>> job) {
    working = true;
    lookedAt = now;
    var members = Map.copyOf(knowledge.members);
    Thread.ofVirtual()
        .name("synchronous-setting")
        .start(() -> {
          var problem = Optional.of("unexpected end");
          try {
            problem = job.get();
            hand.look(node -> Standbys.tags(members, node), now());
          } catch (RuntimeException | Error e) {
            problem = Optional.of("unexpected: " + e);
          } finally {
            reports.accept(new Worked(problem));
          }
        });
  }

  private static Duration now() {
    return Duration.ofNanos(HostClock.bootNanos());
  }
}
