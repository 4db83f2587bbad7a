package dev.matriarch.actors;

import dev.matriarch.actors.Observation.Seen;
import dev.matriarch.actors.postgres.InstanceStatus;
import dev.matriarch.protocol.election.Ballot;
import dev.matriarch.protocol.election.LeaseView;
import dev.matriarch.protocol.election.Local;
import dev.matriarch.protocol.election.SyncSet;
import dev.matriarch.protocol.ha.FenceOrder;
import dev.matriarch.protocol.ha.HaView;
import dev.matriarch.protocol.ha.Instance;
import dev.matriarch.protocol.ha.Operation;
import dev.matriarch.protocol.model.Position;
import dev.matriarch.protocol.model.Tags;
import dev.matriarch.protocol.status.Ability;
import dev.matriarch.protocol.status.Hindrance;
import dev.matriarch.protocol.sync.SyncView;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * What the election gets to know of the local PostgreSQL.
 *
 * <p>Two rules: wherever PostgreSQL is, or may be about to become, a primary, the timeline is told;
 * and a position is told only of data that were seen to be there and have not been re-made since.
 */
final class LocalPicture {
  private LocalPicture() {}

  /**
   * The picture.
   *
   * @param before what was told last
   */
  static Local of(Knowledge knowledge, Tags tags, Local before, Duration now) {
    var instance = knowledge.instance(now);
    var rebuilding = knowledge.busy.filter(LocalPicture::remakesData).isPresent();
    var position = rebuilding ? Optional.<Position>empty() : position(knowledge, instance, before);
    // Data whose end is not known yet may be better or worse than the others'; no data are none.
    var able =
        tags.mayLead()
            && (position.isPresent() || instance instanceof Instance.Empty)
            && !knowledge.stopping
            && knowledge.endingSince.isEmpty()
            && !rebuilding
            && now.compareTo(knowledge.ableAfter) >= 0
            && knowledge.guardian.obstacle(knowledge.dynamic().ttl()).isEmpty();
    return new Local(
        able,
        hasData(instance, before),
        primaryOn(knowledge, instance, before),
        position,
        rebuilding ? Optional.empty() : systemIdentifier(instance, before),
        tags.failoverPriority(),
        knowledge.dynamic().maximumLagOnFailoverBytes(),
        replication(knowledge, instance, rebuilding));
  }

  /** Why this node could not lead now, as far as nobody else can see it. */
  static Ability ability(Knowledge knowledge, Duration now) {
    var instance = knowledge.instance(now);
    var hindrances = EnumSet.noneOf(Hindrance.class);
    if (knowledge.stopping || knowledge.endingSince.isPresent()) {
      hindrances.add(Hindrance.STOPPING);
    }
    if (knowledge.busy.filter(LocalPicture::remakesData).isPresent()) {
      hindrances.add(Hindrance.REBUILDING);
    } else if (instance instanceof Instance.Unusable) {
      hindrances.add(Hindrance.UNREADABLE);
    } else if (instance instanceof Instance.Stopped
        || instance instanceof Instance.Killed
        || instance instanceof Instance.Starting) {
      hindrances.add(Hindrance.UNKNOWN_POSITION);
    }
    if (now.compareTo(knowledge.ableAfter) < 0) {
      hindrances.add(Hindrance.CRASHED);
    }
    if (knowledge.lease instanceof LeaseView.Mute) {
      hindrances.add(Hindrance.MUTE);
    }
    return new Ability(
        hindrances,
        knowledge.orders.fenceFor().map(Ballot::toString),
        knowledge.writes.roomForWal());
  }

  private static Local.Replication replication(
      Knowledge knowledge, Instance instance, boolean rebuilding) {
    var fenced =
        knowledge
            .orders
            .fenceFor()
            .filter(_ ->
                knowledge.isForeign(instance)
                    || FenceOrder.isKept(instance, knowledge.sealing.seal(), knowledge.busy));
    var source =
        knowledge.busy.isEmpty() && instance instanceof Instance.Standby standby
            ? standby.source()
            : Optional.<Local.Source>empty();
    return new Local.Replication(
        rebuilding ? Optional.empty() : knowledge.incarnation,
        fenced,
        source,
        knowledge.busy.isEmpty() && receives(knowledge),
        settings(knowledge, instance),
        waitsFor(knowledge, instance).flatMap(SyncView.Postgres::proven));
  }

  /**
   * What a leader's PostgreSQL sends after its agent has ended tells it from a host that is gone.
   */
  private static boolean receives(Knowledge knowledge) {
    var recently = knowledge.dynamic().suspicion().dividedBy(4);
    return knowledge.observed.map(Observation::seen).orElse(new Seen.NoData(false))
            instanceof Seen.Up(var status, _)
        && status.role() instanceof InstanceStatus.Standby standby
        && standby
            .walReceiver()
            .flatMap(InstanceStatus.WalReceiver::silence)
            .filter(it -> it.compareTo(recently) < 0)
            .isPresent();
  }

  private static Set<Optional<SyncSet>> settings(Knowledge knowledge, Instance instance) {
    var all = new HashSet<Optional<SyncSet>>();
    waitsFor(knowledge, instance)
        .filter(it -> !it.inUse().isEmpty())
        .ifPresent(it -> {
          it.inUse().forEach(setting -> all.add(setting.waitsFor()));
          all.add(it.asked().waitsFor());
        });
    return all;
  }

  private static Optional<SyncView.Postgres> waitsFor(Knowledge knowledge, Instance instance) {
    return knowledge.waitsFor.filter(_ -> instance instanceof Instance.Primary);
  }

  /** What cannot be read may be data all the same. */
  private static Optional<Boolean> hasData(Instance instance, Local before) {
    return switch (instance) {
      case Instance.Absent _, Instance.Empty _ -> Optional.of(false);
      case Instance.Unseen _ -> before.hasData();
      case Instance.Unusable _,
          Instance.Stopped _,
          Instance.Killed _,
          Instance.Starting _,
          Instance.Promoting _,
          Instance.Primary _,
          Instance.Standby _,
          Instance.Silent _ ->
          Optional.of(true);
    };
  }

  private static boolean remakesData(Operation operation) {
    return switch (operation) {
      case CLONE, REWIND -> true;
      case INITIALISE,
          START_PRIMARY,
          START_STANDBY,
          STOP,
          PROMOTE,
          FOLLOW,
          CRASH_RECOVERY,
          JUDGE,
          FENCE,
          FETCH,
          TAKE_INCARNATION ->
          false;
    };
  }

  private static Optional<Integer> primaryOn(Knowledge knowledge, Instance instance, Local before) {
    var becoming = knowledge.becoming;
    return switch (instance) {
      case Instance.Absent _,
          Instance.Empty _,
          Instance.Unusable _,
          Instance.Stopped _,
          Instance.Killed _,
          Instance.Standby _ ->
          becoming;
      case Instance.Primary(_, var position) -> becoming.or(() -> Optional.of(position.timeline()));
      case Instance.Promoting(var timeline) -> becoming.or(() -> Optional.of(timeline));
      case Instance.Starting(_, var primary) -> primary ? mayBe(knowledge, before) : becoming;
      case Instance.Silent(_, var primary, _) -> primary ? mayBe(knowledge, before) : becoming;
      case Instance.Unseen _ -> knowledge.wasPrimary ? mayBe(knowledge, before) : becoming;
    };
  }

  private static Optional<Integer> mayBe(Knowledge knowledge, Local before) {
    return knowledge
        .becoming
        .or(before::primaryOn)
        .or(() -> Optional.of(knowledge.timeline()).filter(it -> it > 0));
  }

  private static Optional<Position> position(Knowledge knowledge, Instance instance, Local before) {
    var sealed = knowledge.isSynchronous() && knowledge.sealing.seal() != HaView.Seal.OPEN;
    return switch (instance) {
      case Instance.Absent _,
          Instance.Unusable _,
          Instance.Empty _,
          Instance.Stopped _,
          Instance.Killed _ ->
          Optional.empty();
      case Instance.Primary(_, var position) -> Optional.of(position);
      case Instance.Promoting _ -> before.position();
      // While sealed it is what was measured, or unknown: too little would hide what is there.
      case Instance.Unseen _, Instance.Starting _, Instance.Silent _ ->
          sealed ? knowledge.sealing.measured() : before.position();
      case Instance.Standby(_, var position, var read, _, _, _) ->
          sealed
              ? knowledge.sealing.measured()
              : Optional.of(position).filter(_ -> read || !knowledge.isSynchronous());
    };
  }

  private static Optional<String> systemIdentifier(Instance instance, Local before) {
    return switch (instance) {
      case Instance.Absent _, Instance.Unusable _, Instance.Empty _ -> Optional.empty();
      case Instance.Unseen _,
          Instance.Killed _,
          Instance.Starting _,
          Instance.Promoting _,
          Instance.Silent _ ->
          before.systemIdentifier();
      case Instance.Stopped(var identifier, _, _) -> Optional.of(identifier);
      case Instance.Primary(var identifier, _) -> Optional.of(identifier);
      case Instance.Standby(var identifier, _, _, _, _, _) -> Optional.of(identifier);
    };
  }
}
