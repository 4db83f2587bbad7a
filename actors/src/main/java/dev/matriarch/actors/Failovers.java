package dev.matriarch.actors;

import dev.matriarch.actors.Observation.Seen;
import dev.matriarch.actors.postgres.InstanceStatus;
import dev.matriarch.actors.postgres.Outcome;
import dev.matriarch.protocol.election.LeaseView;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.report.Failover;
import dev.matriarch.protocol.report.Failover.State;
import dev.matriarch.protocol.report.FailoverLog;
import dev.matriarch.protocol.report.Phase;
import dev.matriarch.protocol.sync.IncarnationName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The fail-overs that this node won: follows the last one until a replica streams, and then says in
 * one line how it went. Touched by the supervisor only.
 */
final class Failovers {
  private static final Logger LOG = LoggerFactory.getLogger(Failovers.class);

  /** Whoever comes later was down; that is not the fail-over's time any more. */
  static final Duration REPLICA_WITHIN = Duration.ofSeconds(30);

  private FailoverLog log = FailoverLog.EMPTY;
  private Optional<Failover> open = Optional.empty();
  private boolean led;

  /** The agent has begun a new life; what was open then is not followed any more. */
  void ofEarlierLife(FailoverLog earlier) {
    log =
        new FailoverLog(
            earlier.count(),
            earlier.last().stream()
                .map(it -> it.state().isOpen() ? it.ended(State.LOST) : it)
                .toList());
  }

  /** Nothing is waited for; else PostgreSQL has to be looked at often. */
  boolean isSettled() {
    return open.isEmpty();
  }

  FailoverLog log() {
    return open.map(this::with).orElse(log);
  }

  /** The election was won; the lease is told after this. */
  void elected(Failover won) {
    open.ifPresent(it -> close(it.ended(State.LOST)));
    open = Optional.of(won);
    led = false;
  }

  void ended(OperationResult result, Duration now) {
    switch (result.operation()) {
      case PROMOTE, START_PRIMARY -> {
        if (result.outcome() instanceof Outcome.Done) {
          promoted(now);
        }
      }
      case INITIALISE,
          CLONE,
          START_STANDBY,
          STOP,
          FOLLOW,
          CRASH_RECOVERY,
          JUDGE,
          REWIND,
          FENCE,
          FETCH,
          TAKE_INCARNATION -> {}
    }
  }

  private void promoted(Duration now) {
    open =
        open.map(it ->
            it.state() == State.PROMOTING ? it.reached(Phase.PROMOTED, State.ATTACHING, now) : it);
  }

  /** What was observed may be the end of a phase. */
  void look(Knowledge knowledge, Duration now) {
    if (open.isEmpty()) {
      return;
    }
    if (leads(knowledge, open.get())) {
      led = true;
      if (knowledge.observed.map(Observation::seen).orElse(new Seen.NoData(false))
              instanceof Seen.Up(var status, _)
          && status.role() instanceof InstanceStatus.Primary(var timeline, _, _)
          && timeline == open.get().timeline()) {
        primary(knowledge, status, now);
      }
    } else if (led || knowledge.term() > open.get().term()) {
      close(open.get().ended(State.LOST));
    }
  }

  private static boolean leads(Knowledge knowledge, Failover it) {
    return knowledge.lease instanceof LeaseView.Mine(_, _, var record)
        && record.timeline() == it.timeline();
  }

  private void primary(Knowledge knowledge, InstanceStatus status, Duration now) {
    promoted(now);
    var it = open.orElseThrow();
    if (status.walSenders().stream().anyMatch(sender -> isReplica(knowledge, sender))) {
      close(it.reached(Phase.ATTACHED, State.COMPLETE, now));
    } else if (now.minus(it.reachedAt()).compareTo(REPLICA_WITHIN) >= 0) {
      close(it.ended(State.WITHOUT_REPLICA));
    }
  }

  /** A backup streams too, under the name of its program. */
  private static boolean isReplica(Knowledge knowledge, InstanceStatus.WalSender sender) {
    var name = sender.applicationName();
    if (name.isBlank() || !sender.state().equals("streaming")) {
      return false;
    }
    var node = IncarnationName.parse(name).map(it -> it.node()).orElseGet(() -> new NodeId(name));
    return knowledge.members.containsKey(node);
  }

  private void close(Failover done) {
    open = Optional.empty();
    log = with(done);
    LOG.info("{}", done.line());
  }

  private FailoverLog with(Failover newest) {
    var all = new ArrayList<>(log.last());
    all.add(newest);
    return new FailoverLog(log.count() + 1, all);
  }
}
