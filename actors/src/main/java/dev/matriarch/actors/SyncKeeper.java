package dev.matriarch.actors;

import dev.matriarch.actors.Observation.Seen;
import dev.matriarch.actors.postgres.IncarnationFile;
import dev.matriarch.actors.postgres.InstanceStatus;
import dev.matriarch.actors.postgres.SyncInForce;
import dev.matriarch.actors.postgres.SyncState;
import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.election.Effect;
import dev.matriarch.protocol.election.Incarnation;
import dev.matriarch.protocol.election.LeaseView;
import dev.matriarch.protocol.election.RecordChange;
import dev.matriarch.protocol.election.SyncSet;
import dev.matriarch.protocol.sync.StandbyNames;
import dev.matriarch.protocol.sync.SyncMode;
import dev.matriarch.protocol.sync.SyncPlan;
import dev.matriarch.protocol.sync.SyncSetting;
import dev.matriarch.protocol.sync.SyncStep;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
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
  private static final Duration LOOK_SOON = Duration.ofMillis(100);
  private static final Duration AGAIN_AFTER = Duration.ofMillis(500);
  private static final Duration CHOSEN_SHOWS = Duration.ofSeconds(2);

  /** A piece of work on PostgreSQL's setting has ended; what is in force is known anew. */
  record Worked(Optional<String> problem) {}

  /** A change of the record that was asked for. */
  private record Proposal(Optional<SyncSet> set, Optional<Duration> chosenAt) {}

  private final SyncHand hand;
  private final Consumer<Worked> reports;
  private final StandbyWatch standbys = new StandbyWatch();
  private Optional<Proposal> proposal = Optional.empty();
  private Optional<SyncStep> last = Optional.empty();
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

  /** Says for whom the commits of the local primary wait, as far as that is known. */
  void tell(Knowledge knowledge) {
    knowledge.waitsFor =
        leader(knowledge)
            .filter(it -> isWanted(knowledge, it.record()))
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
      var record = leader.get().record();
      if (isWanted(knowledge, record)) {
        settled = false;
        // Else the data get their number first.
        leader.get().me().ifPresent(it -> primary(knowledge, record, it, election, verdicts, now));
      }
      return;
    }
    proposal = Optional.empty();
    standbys.forget();
    if (up(knowledge).filter(it -> it instanceof InstanceStatus.Standby).isPresent()) {
      standby(knowledge, now);
    }
  }

  /** A primary that runs as the record says. */
  private record Leader(ClusterRecord record, Optional<Incarnation> me) {}

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
                    && knowledge.lease instanceof LeaseView.Mine(_, _, var record)
                    && record.timeline() == timeline
                ? Optional.of(new Leader(record, me))
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

  void done(Worked worked) {
    working = false;
    if (!worked.problem().equals(lastProblem)) {
      worked.problem().ifPresent(it -> LOG.info("the synchronous setting: {}", it));
      lastProblem = worked.problem();
    }
  }

  void decided(Effect.Verdict verdict, Duration now) {
    switch (verdict) {
      case Effect.Verdict.Chosen _ ->
          proposal = proposal.map(it -> new Proposal(it.set(), Optional.of(now)));
      case Effect.Verdict.Refused(var reason) -> over("refused: " + reason, now);
      case Effect.Verdict.Unknown(var reason) -> over("unknown outcome: " + reason, now);
    }
  }

  private void over(String reason, Duration now) {
    LOG.info("the change of the synchronous set: {}", reason);
    proposal = Optional.empty();
    notBefore = now.plus(AGAIN_AFTER);
  }

  // --- the leader -------------------------------------------------------------------------------

  private void primary(
      Knowledge knowledge,
      ClusterRecord record,
      Incarnation me,
      ActorRef<Election.Command> election,
      ActorRef<Effect.Verdict> verdicts,
      Duration now) {
    var state = hand.state();
    proposal = proposal.filter(it -> !isOver(it, record, now));
    var view = standbys.view(knowledge, me, record, proposal.isPresent(), now);
    if (working) {
      return;
    }
    if (state.equals(SyncState.UNKNOWN)) {
      work(now, hand::look);
      return;
    }
    var step = SyncPlan.next(knowledge.dynamic().synchronous(), view);
    log(step);
    settled = step instanceof SyncStep.Nothing && proposal.isEmpty() && !standbys.anySuspected();
    carryOut(step, state, me, election, verdicts, now);
  }

  private static boolean isOver(Proposal proposal, ClusterRecord record, Duration now) {
    return proposal
        .chosenAt()
        .filter(
            it -> record.sync().equals(proposal.set()) || now.minus(it).compareTo(CHOSEN_SHOWS) > 0)
        .isPresent();
  }

  private void carryOut(
      SyncStep step,
      SyncState state,
      Incarnation me,
      ActorRef<Election.Command> election,
      ActorRef<Effect.Verdict> verdicts,
      Duration now) {
    switch (step) {
      case SyncStep.ProposeRecord(var set, _) -> {
        if (now.compareTo(notBefore) >= 0) {
          proposal = Optional.of(new Proposal(set, Optional.empty()));
          election.tell(new Election.Change(new RecordChange.Synchronise(set), verdicts));
        }
      }
      case SyncStep.SetPostgres(var setting, _) -> bring(setting, me, now);
      case SyncStep.GiveUp(var setting, _) -> bring(setting, me, now);
      case SyncStep.Wait _ -> {
        var asked = state.postgres(me).asked();
        if (state.possible().size() > 1) {
          bring(asked, me, now); // on from where the last try ended
        } else {
          lookAfter(LOOK_SOON, now);
        }
      }
      case SyncStep.Nothing _ -> lookAfter(LOOK_EVERY, now);
    }
  }

  private void bring(SyncSetting setting, Incarnation me, Duration now) {
    if (now.compareTo(notBefore) < 0) {
      return;
    }
    notBefore = now.plus(AGAIN_AFTER);
    var value = StandbyNames.of(setting, me.node());
    work(
        now,
        () -> {
          var result = hand.bring(value);
          if (result instanceof SyncInForce.Result.InForce(_, var proofs)) {
            LOG.info("commits wait for '{}' from now on: {}", value.format(), proofs);
          }
          return problem(result);
        });
  }

  private static Optional<String> problem(SyncInForce.Result result) {
    return result instanceof SyncInForce.Result.NotYet(var because)
        ? Optional.of(because)
        : Optional.empty();
  }

  private void lookAfter(Duration pause, Duration now) {
    if (now.minus(lookedAt).compareTo(pause) >= 0) {
      work(now, hand::look);
    }
  }

  private void log(SyncStep step) {
    if (!last.equals(Optional.of(step))) {
      last = Optional.of(step);
      LOG.info("synchronous replication: {}", step);
    }
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
      notBefore = now.plus(AGAIN_AFTER);
      work(now, () -> problem(hand.prepareStandby(goal)));
    }
  }

  // --- threads ----------------------------------------------------------------------------------

  private void work(Duration now, Runnable look) {
    work(
        now,
        () -> {
          look.run();
          return Optional.empty();
        });
  }

  private void work(Duration now, Supplier<Optional<String>> job) {
    working = true;
    lookedAt = now;
    Thread.ofVirtual()
        .name("synchronous-setting")
        .start(() -> {
          var problem = Optional.of("unexpected end");
          try {
            problem = job.get();
          } catch (RuntimeException | Error e) {
            problem = Optional.of("unexpected: " + e);
          } finally {
            hand.look();
            reports.accept(new Worked(problem));
          }
        });
  }
}
