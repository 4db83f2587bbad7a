package dev.matriarch.protocol.report;

import static dev.matriarch.protocol.report.Members.A;
import static dev.matriarch.protocol.report.Members.B;
import static dev.matriarch.protocol.report.Members.C;
import static dev.matriarch.protocol.report.Members.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.protocol.election.SyncSet;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.report.Explanation.Limits;
import dev.matriarch.protocol.report.Explanation.Verdict;
import dev.matriarch.protocol.report.Members.One;
import dev.matriarch.protocol.status.Ability;
import dev.matriarch.protocol.status.Hindrance;
import dev.matriarch.protocol.sync.SyncMode;
import dev.matriarch.protocol.sync.SyncPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** What holds of every explanation, over all combinations of what a member may be. */
class ExplanationSpaceTest {
  private static final long LAG_MAX = 100;

  private static final List<UnaryOperator<One>> DATA =
      List.of(
          it -> it,
          it -> it.end(Members.END - LAG_MAX),
          it -> it.end(Members.END - LAG_MAX - 1),
          it -> it.timeline(4),
          it -> it.system("8000"),
          One::broken,
          One::stopped,
          One::empty,
          One::witness,
          One::primary);

  private static final List<Map<String, Object>> TAGS =
      List.of(
          Map.of(),
          Map.of("nofailover", true),
          Map.of("failover_priority", 0),
          Map.of("nosync", true),
          Map.of("sync_priority", -1, "failover_priority", 5));

  private static final List<Optional<SyncSet>> SETS =
      List.of(
          Optional.empty(),
          Optional.of(Members.set(1, A)),
          Optional.of(Members.set(1, B)),
          Optional.of(Members.set(2, A, B)),
          Optional.of(Members.set(2, A, C)),
          Optional.of(Members.set(2, A, B, C)));

  private static final List<Optional<NodeId>> LEADERS =
      List.of(Optional.of(A), Optional.of(B), Optional.empty());

  /** One point of the space, with b as it may be. */
  private record Point(
      One b, boolean heard, Optional<SyncSet> set, Optional<NodeId> leader, SyncMode mode) {
    Explanation.Member explained() {
      var members = Members.healthy().set(set).leader(leader).hears(b);
      var view = (heard ? members : members.silent(B)).view();
      var policy = new SyncPolicy(mode, false, 1, OptionalLong.of(500), SyncPolicy.PATIENCE);
      return Explanation.of(view, new Limits(LAG_MAX, policy), NOW).members().get(1);
    }

    boolean leads() {
      return leader.equals(Optional.of(B));
    }
  }

  private static List<Optional<Ability>> abilities() {
    var all = new ArrayList<Optional<Ability>>();
    all.add(Optional.empty());
    all.add(Optional.of(Ability.FREE));
    all.add(Optional.of(new Ability(Set.of(), Optional.of("8/c"), true)));
    for (var it : Hindrance.values()) {
      all.add(Optional.of(new Ability(Set.of(it), Optional.empty(), true)));
    }
    return all;
  }

  private static List<Point> space() {
    var points = new ArrayList<Point>();
    for (var data : DATA) {
      for (var tags : TAGS) {
        for (var ability : abilities()) {
          for (var incarnation : List.of(1, 2)) {
            var b = data.apply(new One(B)).tags(tags).ability(ability).incarnation(incarnation);
            addWith(b, points);
          }
        }
      }
    }
    return points;
  }

  private static void addWith(One b, List<Point> points) {
    for (var set : SETS) {
      for (var leader : LEADERS) {
        for (var mode : SyncMode.values()) {
          points.add(new Point(b, true, set, leader, mode));
          points.add(new Point(b, false, set, leader, mode));
        }
      }
    }
  }

  @Test
  void whatEachAnswerMeansHoldsEverywhere() {
    var points = space();
    assertThat(points).hasSizeGreaterThan(50_000);
    for (var point : points) {
      var explained = point.explained();
      var because = List.of(explained.leader(), explained.candidate(), explained.synchronous());
      if (explained.leader().holds() != point.leads()
          || explained.candidate().holds() != couldLead(point)
          || explained.synchronous().holds() != isSynchronous(point)
          || !because.stream().map(Verdict::because).allMatch(ExplanationSpaceTest::isOneLine)) {
        assertThat(explained).as("%s, tags %s", point, point.b().tags).isNull();
      }
    }
  }

  private static boolean isOneLine(String because) {
    return !because.isBlank() && because.lines().count() == 1 && !because.contains("Optional");
  }

  private static boolean couldLead(Point it) {
    var b = it.b();
    var asynchronous = it.set().isEmpty();
    var near = b.end.filter(end -> Members.END - end <= LAG_MAX).isPresent();
    var alone = it.set().filter(set -> set.copies() == 1);
    return !it.leads()
        && it.heard()
        && !b.witness
        && b.tags.mayLead()
        && b.ability.map(ability -> ability.hindrances().isEmpty()).orElse(true)
        && b.system.equals(Optional.of(Members.SYSTEM))
        && b.end.isPresent()
        && (!asynchronous || (near && b.timeline <= 3))
        && alone.map(set -> set.equals(Members.set(1, B))).orElse(true);
  }

  /** Of a silent one nobody knows whether its data are still the same. */
  private static boolean isSynchronous(Point it) {
    var names =
        it.set()
            .filter(set -> set.copies() > 1)
            .filter(set -> set.members().stream().anyMatch(member -> member.node().equals(B)))
            .isPresent();
    return !it.leads() && names && (!it.heard() || it.b().incarnation == 1);
  }
}
