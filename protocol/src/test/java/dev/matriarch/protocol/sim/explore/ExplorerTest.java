package dev.matriarch.protocol.sim.explore;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Small clusters, all interleavings.
 *
 * <p>{@code -Dexplore.large=true} also takes the scenes of up to nine million states, three minutes
 * of one core and six gigabytes of heap at most; {@code -Dexplore.seconds=N} gives each scene more
 * or less time of the CPU.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ExplorerTest {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final int STATES_MAX = 100_000_000;
  private static final Scene PAIR = Scene.of(Scene.set("ab", 2));
  private static final Scene ANY_TWO = Scene.of(Scene.set("abc", 2));
  private static final Scene ALL = Scene.of(Scene.set("abc", 3));
  private static final Scene ALONE = Scene.of(Scene.set("a", 1));

  /** All that b has is needed, and it cannot lead; a and b never hear each other. */
  private static final Scene FETCHING =
      ANY_TWO.withUnable("b").cut("ab").onlyStanding("c").elections(2, 4).commits(2);

  private static final EnumMap<Sight, Long> SEEN = new EnumMap<>(Sight.class);

  static Set<Map.Entry<String, Scene>> scenes() {
    var scenes = new LinkedHashMap<String, Scene>();
    scenes.put("{a, b}, both", PAIR);
    scenes.put("{a, b, c}, any two", ANY_TWO);
    scenes.put("{a, b, c}, all", ALL);
    scenes.put("positions known late", ANY_TWO.withLatePositions());
    scenes.put("reports late", PAIR.withLateReports());
    scenes.put("reports late, a message twice", ANY_TWO.withLateReports().faults(0, 1));
    scenes.put("b cannot lead", ANY_TWO.withUnable("b"));
    scenes.put("an agent restarts", PAIR.faults(1, 0));
    scenes.put("the leader stands again", PAIR.elections(1, 3));
    scenes.put("c joins the set", PAIR.changing(Scene.set("abc", 2)));
    scenes.put("c leaves the set", ANY_TWO.changing(Scene.set("ab", 2)));
    scenes.put("a is left alone", PAIR.changing(Scene.set("a", 1)));
    scenes.put("a is no longer alone", ALONE.changing(Scene.set("ab", 2)));
    scenes.put("data of any node are wiped", ANY_TWO.wipes(1, "abc"));
    scenes.put("one of both copies is wiped", PAIR.wipes(1, "ab"));
    scenes.put("the store of c is lost", ANY_TWO.lostStores(1, 0, "c"));
    scenes.put("it is lost, and found again", ANY_TWO.lostStores(1, 1, "c"));
    scenes.put("c gets a vote", PAIR.voters("ab").voterChanges(1, ""));
    scenes.put("c loses its vote", PAIR.voterChanges(1, "c"));
    scenes.put("a caretaker", PAIR.caretakers(1));
    scenes.put("a caretaker, it stands again", PAIR.caretakers(1).elections(0, 3));
    if (Boolean.getBoolean("explore.large")) {
      addLarge(scenes);
    }
    return scenes.entrySet();
  }

  private static void addLarge(Map<String, Scene> scenes) {
    scenes.put("two elections, {a, b}", PAIR.elections(2, 3));
    scenes.put("two elections, any two", ANY_TWO.elections(2, 3));
    scenes.put("two elections, b cannot lead", ANY_TWO.withUnable("b").elections(2, 3));
    scenes.put("a restart, a message twice", PAIR.faults(1, 1));
    scenes.put("it stands again, with faults", PAIR.elections(1, 3).faults(1, 1));
    scenes.put(
        "it stands again, reports late", ANY_TWO.elections(1, 3).withLateReports().faults(0, 1));
    scenes.put("c joins, it stands again", PAIR.elections(1, 3).changing(Scene.set("abc", 2)));
    scenes.put("c leaves, it stands again", ANY_TWO.elections(1, 3).changing(Scene.set("ab", 2)));
    scenes.put("c leaves, a restart", ANY_TWO.faults(1, 0).changing(Scene.set("ab", 2)));
    scenes.put("three copies, a restart", ANY_TWO.faults(1, 0).changing(Scene.set("abc", 3)));
    scenes.put("c wiped and leaves", ANY_TWO.wipes(1, "c").changing(Scene.set("ab", 2)));
    scenes.put("c wiped and joins", PAIR.wipes(1, "c").changing(Scene.set("abc", 2)));
    scenes.put("c wiped, it stands again", ANY_TWO.wipes(1, "c").elections(1, 3));
    scenes.put(
        "a wiped, two elections, b cannot lead",
        ANY_TWO.withUnable("b").wipes(1, "a").elections(2, 3));
    scenes.put("store lost, c leaves", ANY_TWO.lostStores(1, 0, "c").changing(Scene.set("ab", 2)));
    scenes.put("store lost, reports late", ANY_TWO.lostStores(1, 0, "c").withLateReports());
    scenes.put("store and data lost", ANY_TWO.lostStores(1, 0, "c").wipes(1, "c"));
    scenes.put("store lost, it stands again", ANY_TWO.lostStores(1, 0, "c").elections(1, 3));
    scenes.put("store lost, voter replaced", ANY_TWO.lostStores(1, 0, "c").voterChanges(1, ""));
    scenes.put(
        "voter replaced, store found, a and b apart",
        PAIR.lostStores(1, 1, "c").voterChanges(1, "").cut("ab"));
    scenes.put(
        "voter replaced, store found, no client",
        PAIR.lostStores(1, 1, "c").voterChanges(1, "").commits(0));
    scenes.put("c loses its vote, it stands again", PAIR.voterChanges(1, "c").elections(1, 3));
    scenes.put(
        "c gets a vote, it stands again", PAIR.voters("ab").voterChanges(1, "").elections(1, 3));
    scenes.put("a caretaker and an election", PAIR.caretakers(1).elections(1, 3));
    scenes.put("WAL is fetched, three elections", FETCHING);
  }

  @ParameterizedTest
  @MethodSource("scenes")
  @Order(1)
  void noInterleavingBreaksARule(Map.Entry<String, Scene> scene) {
    var seconds = Long.getLong("explore.seconds", 600);
    var outcome = explore(scene.getKey(), scene.getValue(), Duration.ofSeconds(seconds));
    assertThat(outcome.trace()).isEmpty();
    assertThat(outcome.complete()).as("all states visited").isTrue();
    outcome.sights().forEach((sight, count) -> SEEN.merge(sight, count, Long::sum));
  }

  @Test
  @Order(2)
  void theScenesReachWhatIsDangerous() {
    assertThat(SEEN.keySet()).isEqualTo(EnumSet.allOf(Sight.class));
  }

  @ParameterizedTest
  @EnumSource(value = Flaw.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void aBrokenRuleIsNoticed(Flaw flaw) {
    var outcome = explore(flaw.toString(), sceneFor(flaw).with(flaw), Duration.ofSeconds(60));
    assertThat(outcome.trace()).isNotEmpty().hasSizeLessThan(30);
    assertThat(outcome.trace().getLast()).startsWith("VIOLATION: ").contains(ruleBrokenBy(flaw));
    outcome.trace().forEach(System.out::println);
  }

  private static Scene sceneFor(Flaw flaw) {
    return switch (flaw) {
      case NONE, PRIMARY_NOT_STOPPED -> PAIR;
      case STREAM_NOT_STOPPED -> ANY_TWO;
      case PROMISE_NOT_SAVED -> PAIR.elections(2, 2).faults(1, 0);
      case ACCEPTS_AN_OLDER_BALLOT, OWN_RECORD_ADOPTED -> PAIR.elections(2, 3);
      case MISSING_POSITION_COUNTS -> ANY_TWO.withLatePositions();
      case SETTING_BEFORE_RECORD -> PAIR.changing(Scene.set("abc", 2));
      case RECORD_BEFORE_SETTING, CATCH_UP_SKIPPED -> ANY_TWO.changing(Scene.set("ab", 2));
      case PROMOTED_BEFORE_ITS_SETTING -> PAIR.elections(1, 3);
      case INCARNATION_IGNORED, LOST_STORE_KEEPS_ITS_DATA, FOLLOWED_BEFORE_NUMBERED ->
          ANY_TWO.lostStores(1, 0, "c");
      case JOINT_QUORUM_IGNORED -> PAIR.lostStores(1, 1, "c").voterChanges(1, "");
      case FETCHED_UNDER_A_NEWER_PROMISE ->
          FETCHING.after(
              "a client asks a for a commit",
              "b receives and confirms WAL",
              "c has lost its leader and stands",
              "b gets Prepare 2/c",
              "b is fenced for 2/c",
              "c gets Promise 2/c of b at 1:0/2",
              "c is fenced for 2/c");
    };
  }

  private static String ruleBrokenBy(Flaw flaw) {
    return switch (flaw) {
      case PROMISE_NOT_SAVED -> "two winners of one term";
      case ACCEPTS_AN_OLDER_BALLOT, OWN_RECORD_ADOPTED, JOINT_QUORUM_IGNORED -> "is chosen";
      case INCARNATION_IGNORED, LOST_STORE_KEEPS_ITS_DATA, FOLLOWED_BEFORE_NUMBERED ->
          "which lacks it";
      case NONE,
          STREAM_NOT_STOPPED,
          PRIMARY_NOT_STOPPED,
          MISSING_POSITION_COUNTS,
          SETTING_BEFORE_RECORD,
          RECORD_BEFORE_SETTING,
          CATCH_UP_SKIPPED,
          PROMOTED_BEFORE_ITS_SETTING,
          FETCHED_UNDER_A_NEWER_PROMISE ->
          "without the acknowledged commit";
    };
  }

  /** By the time of the CPU: others may use the machine too. */
  private static Outcome explore(String name, Scene scene, Duration limit) {
    var begun = THREADS.getCurrentThreadCpuTime();
    var outcome =
        Explorer.explore(
            scene, STATES_MAX, () -> THREADS.getCurrentThreadCpuTime() - begun < limit.toNanos());
    System.out.printf(
        Locale.ROOT,
        "%s: %d states, %d steps, depth %d, %.1f s%n",
        name,
        outcome.states(),
        outcome.transitions(),
        outcome.depth(),
        (THREADS.getCurrentThreadCpuTime() - begun) / 1e9);
    return outcome;
  }
}
