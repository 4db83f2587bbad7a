package dev.matriarch.protocol.election;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.matriarch.protocol.model.NodeId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class GuaranteeTest {
  private static final List<Incarnation> NODES =
      List.of(node("a"), node("b"), node("c"), node("d"), node("e"));
  private static final NodeId LEADER = NODES.getFirst().node();
  private static final List<Set<Incarnation>> HOLDERS = withTheLeader();

  /** Settings and records of up to five nodes, and whichever of them hold a commit. */
  @Test
  void settingGuaranteesARecordWhenNoAcknowledgedCommitIsOnTooFewOfItsMembers() {
    var sets = new ArrayList<Optional<SyncSet>>();
    sets.add(Optional.empty());
    for (var members : HOLDERS) {
      for (var copies = 1; copies <= members.size(); copies++) {
        if (copies > 1 || members.size() == 1) {
          sets.add(Optional.of(new SyncSet(members, copies)));
        }
      }
    }
    var guaranteed = 0;
    for (var setting : sets) {
      for (var record : sets) {
        var always =
            HOLDERS.stream()
                .allMatch(holders -> !acknowledges(setting, holders) || covers(record, holders));
        assertThat(Guarantee.holds(LEADER, setting, record))
            .as("%s guarantees %s", setting, record)
            .isEqualTo(always);
        guaranteed += always ? 1 : 0;
      }
    }
    assertThat(sets).hasSize(34);
    assertThat(guaranteed).isBetween(100, 900);
  }

  /** Of two members with one copy both would be needed for an election. */
  @Test
  void oneCopyIsThatOfTheLeaderAlone() {
    assertThatThrownBy(() -> new SyncSet(Set.copyOf(NODES.subList(0, 2)), 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("1 copies on 2 members");
    assertThat(new SyncSet(Set.of(NODES.getFirst()), 1).readQuorum()).isOne();
  }

  @Test
  void nothingGuaranteesARecordWithoutTheLeader() {
    var others = new SyncSet(Set.of(NODES.get(1), NODES.get(2)), 2);
    assertThat(Guarantee.holds(LEADER, Optional.of(others), Optional.of(others))).isFalse();
  }

  @Test
  void directoryMadeAnewIsNotTheMemberItReplaces() {
    var old = new SyncSet(Set.of(NODES.get(0), NODES.get(1)), 2);
    var anew = new SyncSet(Set.of(NODES.get(0), new Incarnation(NODES.get(1).node(), 77)), 2);
    assertThat(Guarantee.holds(LEADER, Optional.of(anew), Optional.of(old))).isFalse();
  }

  private static boolean acknowledges(Optional<SyncSet> setting, Set<Incarnation> holders) {
    return setting.map(it -> common(it, holders) >= it.copies()).orElse(true);
  }

  private static boolean covers(Optional<SyncSet> record, Set<Incarnation> holders) {
    return record.map(it -> common(it, holders) >= it.copies()).orElse(true);
  }

  private static int common(SyncSet set, Set<Incarnation> holders) {
    var both = new HashSet<>(set.members());
    both.retainAll(holders);
    return both.size();
  }

  private static List<Set<Incarnation>> withTheLeader() {
    var sets = new ArrayList<Set<Incarnation>>();
    for (var bits = 1; bits < 1 << NODES.size(); bits += 2) {
      var set = new HashSet<Incarnation>();
      for (var i = 0; i < NODES.size(); i++) {
        if ((bits >> i & 1) == 1) {
          set.add(NODES.get(i));
        }
      }
      sets.add(Set.copyOf(set));
    }
    return List.copyOf(sets);
  }

  private static Incarnation node(String name) {
    return new Incarnation(new NodeId(name), 1);
  }
}
