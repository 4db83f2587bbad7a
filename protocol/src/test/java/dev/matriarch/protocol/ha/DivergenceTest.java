package dev.matriarch.protocol.ha;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.protocol.ha.Divergence.Behind;
import dev.matriarch.protocol.ha.Divergence.Diverged;
import dev.matriarch.protocol.ha.Divergence.LeaderWal;
import dev.matriarch.protocol.ha.Divergence.LocalWal;
import dev.matriarch.protocol.ha.Divergence.Origin;
import dev.matriarch.protocol.ha.Divergence.RewindDecides;
import dev.matriarch.protocol.ha.Divergence.Same;
import dev.matriarch.protocol.ha.Divergence.Unknown;
import dev.matriarch.protocol.ha.TimelineHistory.Ancestor;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.Position;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The leader is on timeline 6, which came from 4 at 200, which came from 1 at 100. */
class DivergenceTest {
  private static final LeaderWal LEADER =
      new LeaderWal(
          6,
          new TimelineHistory(
              List.of(new Ancestor(1, new Lsn(100), "r"), new Ancestor(4, new Lsn(200), "r"))));

  @Test
  void replicaUpToAndAtTheForkFollows() {
    assertThat(judge(Origin.REPLICA, 1, 99)).isEqualTo(new Behind());
    assertThat(judge(Origin.REPLICA, 1, 100)).isEqualTo(new Behind());
    assertThat(judge(Origin.REPLICA, 4, 200)).isEqualTo(new Behind());
  }

  @Test
  void replicaPastTheForkHasDiverged() {
    assertThat(judge(Origin.REPLICA, 1, 101)).isInstanceOf(Diverged.class);
    assertThat(judge(Origin.REPLICA, 4, 201)).isInstanceOf(Diverged.class);
  }

  @Test
  void checkpointOfAStoppedPrimaryAtTheForkHasDiverged() {
    assertThat(judge(Origin.STOPPED_PRIMARY, 4, 200)).isInstanceOf(Diverged.class);
    assertThat(judge(Origin.STOPPED_PRIMARY, 4, 201)).isInstanceOf(Diverged.class);
  }

  @Test
  void checkpointOfAStoppedPrimaryBeforeTheForkIsForPgRewindToJudge() {
    assertThat(judge(Origin.STOPPED_PRIMARY, 4, 199)).isInstanceOf(RewindDecides.class);
  }

  @Test
  void unsignedPositionsAreCompared() {
    var leader = new LeaderWal(2, new TimelineHistory(List.of(new Ancestor(1, new Lsn(-2), "r"))));
    var local = new LocalWal(Origin.REPLICA, new Position(1, new Lsn(5)));
    assertThat(Divergence.judge(local, leader)).isEqualTo(new Behind());
  }

  @Test
  void leaderWithoutAUsableHistoryIsNoProofOfDivergence() {
    var local = new LocalWal(Origin.REPLICA, new Position(1, new Lsn(5)));
    var damaged = new TimelineHistory(List.of(new Ancestor(7, new Lsn(1), "r")));
    assertThat(Divergence.judge(local, new LeaderWal(6, TimelineHistory.EMPTY)))
        .isInstanceOf(Unknown.class);
    assertThat(Divergence.judge(local, new LeaderWal(6, damaged))).isInstanceOf(Unknown.class);
  }

  @Test
  void theWholeSpaceObeysTheRules() {
    for (var local : everyLocalWal()) {
      var verdict = Divergence.judge(local, LEADER);
      var timeline = local.end().timeline();
      var fork = LEADER.history().forkOf(timeline);
      var expected =
          timeline == 0 || local.origin() == Origin.CRASHED_PRIMARY
              ? Unknown.class
              : timeline == 6
                  ? Same.class
                  : timeline > 6 || fork.isEmpty()
                      ? Diverged.class
                      : beforeOrAtFork(local, fork.get());
      assertThat(verdict).as("%s", local).isInstanceOf(expected);
    }
  }

  private static Class<? extends Divergence> beforeOrAtFork(LocalWal local, Lsn fork) {
    var order = local.end().lsn().compareTo(fork);
    if (local.origin() == Origin.REPLICA) {
      return order <= 0 ? Behind.class : Diverged.class;
    }
    return order < 0 ? RewindDecides.class : Diverged.class;
  }

  private static List<LocalWal> everyLocalWal() {
    var all = new ArrayList<LocalWal>();
    for (var origin : Origin.values()) {
      for (var timeline = 0; timeline <= 8; timeline++) {
        for (var lsn : List.of(0, 99, 100, 101, 199, 200, 201, 1000)) {
          all.add(new LocalWal(origin, new Position(timeline, new Lsn(lsn))));
        }
      }
    }
    return all;
  }

  private static Divergence judge(Origin origin, int timeline, long lsn) {
    return Divergence.judge(new LocalWal(origin, new Position(timeline, new Lsn(lsn))), LEADER);
  }
}
