package dev.matriarch.protocol.status;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.matriarch.protocol.election.Incarnation;
import dev.matriarch.protocol.election.SyncSet;
import dev.matriarch.protocol.model.Endpoint;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Steady;
import dev.matriarch.protocol.model.Tags;
import java.util.Optional;
import java.util.Set;

/**
 * What a member last said of itself.
 *
 * @param version of the agent
 * @param apiUrl {@code http://host:port/patroni}
 * @param postgres where its PostgreSQL is reached; absent on a witness
 * @param timeline of the newest WAL it holds
 * @param location primary: the end of flushed WAL
 * @param received replica: the end of received WAL; not below {@code replayed}
 * @param replayed replica: the end of replayed WAL
 * @param replicationState {@code streaming}, {@code in archive recovery}
 * @param systemIdentifier of its data, while PostgreSQL answers
 * @param cluster the system identifier in the newest record that its voter has stored
 * @param ready whether others may rewind and clone from it: a primary on the record's timeline that
 *     has checkpointed since its promotion
 * @param transport this life of the agent in the Pekko cluster, {@code pekko://…#uid}
 * @param transportPeers the lives that it sees as members of its Pekko cluster, itself included;
 *     empty: it has not joined
 * @param incarnation the number of its data directory in synchronous mode; absent: none yet
 * @param ability absent: an agent of an earlier version does not tell
 */
public record MemberStatus(
    NodeId node,
    String version,
    String apiUrl,
    Optional<Endpoint> postgres,
    PgState state,
    PgRole role,
    Optional<Integer> timeline,
    Optional<Lsn> location,
    Optional<Lsn> received,
    Optional<Lsn> replayed,
    Optional<String> replicationState,
    Optional<String> systemIdentifier,
    Optional<String> cluster,
    Optional<Integer> serverVersion,
    Tags tags,
    boolean pendingRestart,
    boolean paused,
    boolean ready,
    String transport,
    Set<String> transportPeers,
    Optional<Long> incarnation,
    Optional<Ability> ability) {

  public MemberStatus {
    transportPeers = Steady.set(transportPeers);
  }

  /**
   * Whether commits wait for these data, or for others of the set in their place; the leader is a
   * member of it too.
   */
  public boolean isIn(SyncSet set) {
    return set.copies() > 1
        && incarnation.filter(it -> set.members().contains(new Incarnation(node, it))).isPresent();
  }

  /** The end of the WAL that this member holds. */
  @JsonIgnore
  public Optional<Lsn> newest() {
    return location.or(() -> received).or(() -> replayed);
  }
}
