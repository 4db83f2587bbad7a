package dev.matriarch.protocol.sim.explore;

import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.election.ElectionMessage;
import dev.matriarch.protocol.election.Incarnation;
import dev.matriarch.protocol.election.Standing;
import dev.matriarch.protocol.election.SyncSet;
import dev.matriarch.protocol.election.Version;
import dev.matriarch.protocol.election.VersionedRecord;
import dev.matriarch.protocol.election.Voter;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What may be lost: no rule can bring back what was on all copies.
 *
 * <p>A node may lose its <b>data</b> if it is not primary and, for each record that a winner may
 * still adopt, at least <i>|M| − w + 1</i> members of its set <i>M</i> remain intact: those of
 * other nodes, whose directory has the number that the record names and that the voter's store has.
 * The same is asked for a set whose record a leader is about to propose. A node may lose its
 * <b>store</b>, or get an earlier one back in place of the present one, if it may lose its data,
 * and the present stores of the other nodes are a quorum for each of those records. A record may be
 * adopted if any store, earlier one, message or proposal has it, and it is not older than the
 * newest that is chosen.
 */
final class Spare {
  private final Draft draft;
  private final int node;

  private Spare(Draft draft, int node) {
    this.draft = draft;
    this.node = node;
  }

  static boolean data(Draft draft, int node) {
    return new Spare(draft, node).data();
  }

  static boolean store(Draft draft, int node) {
    return new Spare(draft, node).store();
  }

  private boolean data() {
    var intact = intact();
    var sets =
        Stream.concat(
            adoptable().values().stream().flatMap(it -> it.sync().stream()), aboutToBeProposed());
    return !draft.pg(node).isPrimary()
        && sets.allMatch(
            it -> it.members().stream().filter(intact::contains).count() >= it.readQuorum());
  }

  private boolean store() {
    var others = new HashSet<Voter>();
    for (var other = 0; other < Scene.NODES.size(); other++) {
      if (other != node) {
        others.add(draft.site(other).disk().voter());
      }
    }
    return data() && adoptable().values().stream().allMatch(it -> it.isQuorum(others));
  }

  private Set<Incarnation> intact() {
    var intact = new HashSet<Incarnation>();
    for (var other = 0; other < Scene.NODES.size(); other++) {
      var known = draft.site(other).disk().incarnation();
      if (other != node
          && !draft.pg(other).isEmpty()
          && draft.pg(other).incarnation() == known.number()) {
        intact.add(known);
      }
    }
    return intact;
  }

  private Stream<SyncSet> aboutToBeProposed() {
    var sets = new HashSet<SyncSet>();
    for (var leader = 0; leader < Scene.NODES.size(); leader++) {
      if (draft.site(leader).stage() == Site.Stage.SETTING) {
        sets.addAll(draft.pg(leader).settings());
      }
    }
    return sets.stream();
  }

  // --- records ----------------------------------------------------------------------------------

  private Map<Version, ClusterRecord> adoptable() {
    var known = new HashMap<Version, ClusterRecord>();
    for (var holder = 0; holder < Scene.NODES.size(); holder++) {
      var site = draft.site(holder);
      add(known, site.disk().accepted());
      site.lost().ifPresent(it -> add(known, it.accepted()));
      switch (site.state().standing()) {
        case Standing.Preparing it ->
            it.promises().values().forEach(promise -> add(known, promise.accepted()));
        case Standing.Accepting it -> add(known, Optional.of(it.proposal().value()));
        case Standing.Leading it -> {
          add(known, Optional.of(it.chosen()));
          add(known, it.proposal().map(Standing.Proposal::value));
        }
        case Standing.Idle _, Standing.Canvassing _, Standing.Waiting _ -> {}
      }
    }
    draft.mails().forEach(mail -> add(known, carried(mail.message())));
    var newest = draft.ledger().chosen().stream().max(Version::compareTo).orElse(Version.NONE);
    known.keySet().removeIf(it -> it.compareTo(newest) < 0);
    return known;
  }

  private static Optional<VersionedRecord> carried(ElectionMessage message) {
    return switch (message) {
      case ElectionMessage.Accept(var value) -> Optional.of(value);
      case ElectionMessage.Promise it -> it.accepted();
      case ElectionMessage.Prepare _,
          ElectionMessage.Refused _,
          ElectionMessage.Accepted _,
          ElectionMessage.Beat _,
          ElectionMessage.Granted _,
          ElectionMessage.Canvass _,
          ElectionMessage.Opinion _,
          ElectionMessage.Release _,
          ElectionMessage.Yield _ ->
          Optional.empty();
    };
  }

  private static void add(Map<Version, ClusterRecord> known, Optional<VersionedRecord> value) {
    value.ifPresent(it -> known.put(it.version(), it.record()));
  }
}
