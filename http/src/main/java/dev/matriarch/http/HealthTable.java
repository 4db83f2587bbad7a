package dev.matriarch.http;

import dev.matriarch.http.Picture.SyncPart;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.status.PgRole;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Whether a node is healthy in the sense of a path; load balancers send connections by it.
 *
 * <p>Without a picture nothing is: a node that knows nothing of itself must get no connections.
 */
final class HealthTable {
  private static final String TAG_PREFIX = "tag_";

  private HealthTable() {}

  /** Whether a health check answers 200; any path, known or not. */
  static boolean isHealthy(String path, Query query, Optional<Picture> picture) {
    return HealthCheck.of(path)
        .flatMap(check -> picture.map(now -> passes(check, query, now)))
        .orElse(false);
  }

  /**
   * Whether decisions still follow each other in time.
   *
   * @param started when this agent began to answer; counts until there is a first picture
   */
  static boolean isLive(Optional<Picture> picture, Duration started, Duration now, Duration ttl) {
    var nextDecisionBy = picture.map(known -> known.view().nextDecisionBy()).orElse(started);
    var onPrimary = picture.filter(Picture::running).filter(HealthTable::isPrimary).isPresent();
    var patience = onPrimary ? ttl : ttl.multipliedBy(2);
    var paused = picture.map(known -> known.view().pause()).orElse(false);
    return paused || nextDecisionBy.plus(patience).compareTo(now) > 0;
  }

  /**
   * Whether the node may be counted as one that can take over: the leader, or a replica that
   * streams and is close.
   *
   * @param lagMaxBytes the limit if the call does not say one
   */
  static boolean isReady(Query query, Optional<Picture> picture, long lagMaxBytes) {
    return picture
        .filter(known -> known.holdsLock() || isClose(query, known, lagMaxBytes))
        .isPresent();
  }

  private static boolean passes(HealthCheck check, Query query, Picture picture) {
    return switch (check) {
      // There are no standby clusters yet: no leader follows a remote primary.
      case STANDBY_LEADER -> false;
      case LEADER, PRIMARY -> leads(picture);
      case REPLICA -> isReplica(query, picture) && tagsMatch(query, picture);
      case READ_ONLY -> (leads(picture) || isReplica(query, picture)) && tagsMatch(query, picture);
      case HEALTH -> picture.running() && tagsMatch(query, picture);
      case SYNC -> inPart(SyncPart.SYNC, query, picture) && tagsMatch(query, picture);
      case QUORUM -> inPart(SyncPart.QUORUM, query, picture) && tagsMatch(query, picture);
      case ASYNC -> inPart(SyncPart.NONE, query, picture) && tagsMatch(query, picture);
      case READ_ONLY_QUORUM -> readOnlyIn(SyncPart.QUORUM, query, picture);
      case READ_ONLY_SYNC -> readOnlyIn(SyncPart.SYNC, query, picture);
    };
  }

  /** In maintenance with nothing known of the cluster, the local role is all there is to go by. */
  private static boolean leads(Picture picture) {
    if (picture.view().pause() && picture.view().record().isEmpty()) {
      return picture.running() && isPrimary(picture);
    }
    return picture.holdsLock();
  }

  private static boolean readOnlyIn(SyncPart part, Query query, Picture picture) {
    var knowsCluster = picture.view().record().isPresent();
    return knowsCluster
        && (leads(picture) || inPart(part, query, picture))
        && tagsMatch(query, picture);
  }

  private static boolean inPart(SyncPart part, Query query, Picture picture) {
    return picture.view().record().isPresent()
        && isReplica(query, picture)
        && picture.ownSyncPart() == part;
  }

  private static boolean isPrimary(Picture picture) {
    return picture.view().self().role() == PgRole.PRIMARY;
  }

  private static boolean isReplica(Query query, Picture picture) {
    var self = picture.view().self();
    return self.role() == PgRole.REPLICA
        && picture.running()
        && !isForeign(picture)
        && !self.tags().noLoadBalance()
        && !isLagging(query, picture)
        && query
            .first("replication_state")
            .map(wanted -> self.replicationState().filter(wanted::equals).isPresent())
            .orElse(true);
  }

  /** A standby of another cluster must not be read from in this one's name. */
  private static boolean isForeign(Picture picture) {
    var ours = picture.view().record().flatMap(record -> record.systemIdentifier());
    var its = picture.view().self().systemIdentifier();
    return ours.isPresent() && its.isPresent() && !ours.equals(its);
  }

  private static boolean isLagging(Query query, Picture picture) {
    // A limit that cannot be read is no limit, as in Patroni.
    var limit = query.first("lag").flatMap(LagLimit::parse);
    return limit.isPresent()
        && picture
            .sourceLsn()
            .map(source -> lag(picture.view().self().replayed(), source) > limit.get())
            .orElse(false);
  }

  private static boolean isClose(Query query, Picture picture, long lagMaxBytes) {
    var self = picture.view().self();
    var streams = self.replicationState().filter("streaming"::equals).isPresent();
    var limit = query.first("lag").flatMap(LagLimit::parse).orElse(lagMaxBytes);
    var received = query.first("mode").filter("write"::equals).isPresent();
    var own = received ? self.received().or(self::replayed) : self.replayed();
    return picture.running()
        && streams
        && picture.sourceLsn().map(source -> lag(own, source) <= limit).orElse(false);
  }

  private static long lag(Optional<Lsn> own, Lsn source) {
    return own.orElse(Lsn.ZERO).bytesBehind(source);
  }

  private static boolean tagsMatch(Query query, Picture picture) {
    var tags = picture.view().self().tags().values();
    return query.values().entrySet().stream()
        .filter(parameter -> parameter.getKey().startsWith(TAG_PREFIX))
        .allMatch(parameter -> {
          var tag = tags.get(parameter.getKey().substring(TAG_PREFIX.length()));
          return tag != null && allEqual(parameter.getValue(), tagText(tag));
        });
  }

  private static boolean allEqual(List<String> wanted, String actual) {
    return wanted.stream().allMatch(actual::equals);
  }

  private static String tagText(Object tag) {
    return tag instanceof String text ? text : tag.toString().toLowerCase(Locale.ROOT);
  }
}
