package dev.matriarch.protocol.ha;

import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.election.LossBound;
import dev.matriarch.protocol.ha.Decision.Stay;
import dev.matriarch.protocol.ha.Decision.Stop;
import dev.matriarch.protocol.ha.Instance.Absent;
import dev.matriarch.protocol.ha.Instance.Empty;
import dev.matriarch.protocol.ha.Instance.Killed;
import dev.matriarch.protocol.ha.Instance.Primary;
import dev.matriarch.protocol.ha.Instance.Promoting;
import dev.matriarch.protocol.ha.Instance.Shutdown;
import dev.matriarch.protocol.ha.Instance.Silent;
import dev.matriarch.protocol.ha.Instance.Standby;
import dev.matriarch.protocol.ha.Instance.Starting;
import dev.matriarch.protocol.ha.Instance.Stopped;
import dev.matriarch.protocol.ha.Instance.Unseen;
import dev.matriarch.protocol.ha.Instance.Unusable;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Position;
import java.util.Optional;

/** What a node does while another one leads: it gets, and stays, behind that leader. */
final class FollowerRules {
  private FollowerRules() {}

  static Decision decide(HaView view, NodeId leader, ClusterRecord record) {
    return switch (view.instance()) {
      case Unseen _ -> new Stay(HaPolicy.LOOKING);
      case Absent _ -> new Stay("witness; the leader is " + leader);
      case Empty(var remains) ->
          view.leaderReady() && record.systemIdentifier().isPresent()
              ? new Decision.Clone(leader, remains ? "the last try was not finished" : "no data")
              : new Stay("no data; waiting for the leader %s to be ready".formatted(leader));
      case Unusable(var reason) -> new Stay(reason);
      case Stopped stopped -> stoppedBehind(view, leader, record, stopped);
      case Killed _ -> new Stay(HaPolicy.KILLED);
      case Starting(_, var asPrimary) ->
          asPrimary ? primaryBehind(view, leader, record) : startingBehind(view, leader, record);
      case Promoting _ -> new Stop(true, leader + " leads");
      case Primary _ -> primaryBehind(view, leader, record);
      case Standby standby -> standbyBehind(view, leader, record, standby);
      case Silent(_, var primary, _) ->
          primary ? primaryBehind(view, leader, record) : new Stay("PostgreSQL does not answer");
    };
  }

  private static Decision primaryBehind(HaView view, NodeId leader, ClusterRecord record) {
    return record.systemIdentifier().isEmpty() && !HaPolicy.wasManaged(view)
        ? new Stay(waitingForFounder(leader))
        : new Stop(true, leader + " leads");
  }

  private static String waitingForFounder(NodeId leader) {
    return "waiting until %s has made or adopted the cluster".formatted(leader);
  }

  private static Decision stoppedBehind(
      HaView view, NodeId leader, ClusterRecord record, Stopped stopped) {
    if (record.systemIdentifier().isEmpty()) {
      return new Stay(waitingForFounder(leader));
    }
    if (stopped.history() == Shutdown.STANDBY && stopped.timeline() == record.timeline()) {
      return follow(view, leader);
    }
    if (!view.leaderReady()) {
      return new Stay("waiting for the leader %s to be ready".formatted(leader));
    }
    if (stopped.history() == Shutdown.PRIMARY_UNCLEAN
        && !view.rejoin().equals(Optional.of(Rejoin.CLONE))) {
      return new Decision.RecoverCrash("a former primary that was not shut down");
    }
    return view.rejoin()
        .map(it -> rejoin(view, it, leader, endIsKnown(stopped, record)))
        .orElseGet(() -> new Decision.Judge(leader, "%s leads".formatted(leader)));
  }

  /** The control file of a standby tells no more than the least that it holds. */
  private static boolean endIsKnown(Stopped stopped, ClusterRecord record) {
    return stopped.history() != Shutdown.STANDBY || record.sync().isEmpty();
  }

  /** One that was started without anybody to follow may need the leader to become consistent. */
  private static Decision startingBehind(HaView view, NodeId leader, ClusterRecord record) {
    return view.sealed() != HaView.Seal.OPEN
            && view.leaderAddressed()
            && view.numbered()
            && record.systemIdentifier().isPresent()
        ? new Decision.Follow(leader, "%s leads".formatted(leader))
        : new Stay("PostgreSQL is starting");
  }

  /**
   * What a standby confirms counts for the number in its directory. A node whose voter lost its
   * store may have promised, and forgotten, that these data follow nobody: it gets another first.
   */
  private static Decision follow(HaView view, NodeId leader) {
    if (!view.numbered()) {
      return unnumbered();
    }
    return view.leaderAddressed()
        ? new Decision.StartStandby(Optional.of(leader), "%s leads".formatted(leader))
        : unaddressed(leader);
  }

  private static Decision unnumbered() {
    return new Stay("waiting until the election knows the incarnation of these data");
  }

  private static Decision unaddressed(NodeId leader) {
    return new Stay("waiting until %s says where its PostgreSQL is".formatted(leader));
  }

  private static Decision rejoin(HaView view, Rejoin rejoin, NodeId leader, boolean endIsKnown) {
    return switch (rejoin) {
      case FOLLOW ->
          endIsKnown
              ? follow(view, leader)
              : new Decision.StartStandby(
                  Optional.empty(), "%s leads: how much is there".formatted(leader));
      case REWIND -> new Decision.Rewind(leader, "its WAL is not a part of the leader's");
      case CLONE ->
          new Decision.Clone(
              leader, "it cannot be brought behind the leader as it is, nor be rewound");
    };
  }

  private static Decision standbyBehind(
      HaView view, NodeId leader, ClusterRecord record, Standby standby) {
    if (record.systemIdentifier().isEmpty()) {
      return new Stay(waitingForFounder(leader));
    }
    if (view.tooSmall()) {
      return HaPolicy.tooSmall();
    }
    if (!standby.upstream().equals(Optional.of(leader)) && !view.numbered()) {
      return unnumbered();
    }
    if (!standby.upstream().equals(Optional.of(leader))) {
      return view.leaderAddressed()
          ? redirected(view, leader, record, standby)
          : unaddressed(leader);
    }
    var waits = standby.notStreamingFor().compareTo(view.patience().brokenStream()) < 0;
    if (!view.leaderReady() || (waits && !view.isKnownToDiverge(standby, record))) {
      return new Stay(
          "I am (%s), a secondary, and following a leader (%s)".formatted(view.self(), leader));
    }
    return view.rejoin()
        .<Decision>map(it ->
            switch (it) {
              case FOLLOW -> new Stay("does not stream from %s yet".formatted(leader));
              case REWIND, CLONE -> new Stop(false, "its WAL is not a part of the leader's");
            })
        .orElseGet(() -> new Decision.Judge(leader, "it does not stream"));
  }

  /**
   * In synchronous mode nobody follows with WAL that the leader has not. PostgreSQL would not let
   * it stream for long, but its first word to the leader is how far it has replayed (walreceiver.c,
   * WalReceiverMain), which would confirm commits that it does not have.
   */
  private static Decision redirected(
      HaView view, NodeId leader, ClusterRecord record, Standby standby) {
    var follow = new Decision.Follow(leader, "%s leads".formatted(leader));
    // That it was told so a moment ago may not show yet.
    var isTold = view.resting().contains(Operation.FOLLOW);
    if (isTold || record.sync().isEmpty() || standby.position().timeline() == record.timeline()) {
      return follow;
    }
    if (view.sealed() != HaView.Seal.MEASURED) {
      return new Decision.Fence("%s leads: how much is there".formatted(leader));
    }
    if (isPartOf(standby.position(), record)) {
      return follow;
    }
    if (!view.leaderReady()) {
      return new Stay("waiting for the leader %s to be ready".formatted(leader));
    }
    return view.rejoin()
        .map(it ->
            switch (it) {
              case FOLLOW -> follow;
              case REWIND, CLONE -> new Stop(false, "its WAL is not a part of the leader's");
            })
        .orElseGet(
            () -> new Decision.Judge(leader, "it may hold WAL that %s has not".formatted(leader)));
  }

  /** As far as the record knows. */
  private static boolean isPartOf(Position held, ClusterRecord record) {
    return LossBound.fork(held.timeline(), record.timeline(), record.history())
        .filter(it -> held.lsn().compareTo(it) <= 0)
        .isPresent();
  }
}
