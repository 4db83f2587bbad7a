package dev.matriarch.protocol.sim;

import dev.matriarch.protocol.election.ElectionTiming;
import dev.matriarch.protocol.election.VersionedRecord;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Tags;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Plays a situation without any chance: real timing, each message 3.25 ms on its way, clocks that
 * run alike. The {@link Referee} looks at every instant.
 */
final class Scenario {
  /** So long a cluster has for becoming well before the script begins. */
  private static final long SETTLE_US = 10_000_000;

  private static final String EXPECT = "expect ";
  private static final String REMEMBER = "remember wal of ";
  private static final long TTL_US = 5_000_000;
  private static final long LAG_MAX_BYTES = 1 << 20;
  private static final long STOP_MAX_US = 200_000;
  private static final int DATA_BYTES = 1000;

  private final ScenarioText text;
  private final List<String> lines = new ArrayList<>();
  private final World world;
  private final ScenarioVerbs verbs;
  private final ScenarioExpectations expectations;

  private Scenario(ScenarioText text) {
    this.text = text;
    var members = text.nodes("members");
    ScenarioText.check(!members.isEmpty(), "members are missing");
    var witness = text.setting("witness").map(NodeId::new);
    var stage =
        new Stage(
            new LoadedDice(jitters(members)),
            setup(members.size()),
            surroundings(),
            members,
            witness);
    world = new World(stage, Mutation.NONE, Optional.empty());
    world.hostile = false;
    world.network.calm();
    verbs = new ScenarioVerbs(world);
    expectations = new ScenarioExpectations(world, verbs);
    text.numbers("priority", 1).forEach((node, it) -> verbs.host(node).priority = it.intValue());
    text.setting("sync").ifPresent(it -> verbs.perform("synchronise " + it));
    text.nodes("nofailover").forEach(it -> verbs.host(it).lame = true);
    text.nodes("nosync").forEach(it -> verbs.host(it).syncTags = new Tags(Map.of("nosync", true)));
  }

  /**
   * The trace of the situation.
   *
   * @throws AssertionError if something goes otherwise than the script expects; what was told until
   *     then is in its message
   */
  static List<String> play(ScenarioText text) {
    var scenario = new Scenario(text);
    try {
      scenario.play();
    } catch (AssertionError | Violation e) {
      throw new AssertionError(
          "%s%n%s".formatted(e.getMessage(), String.join("\n", scenario.lines)), e);
    }
    return scenario.lines;
  }

  private Map<NodeId, Double> jitters(List<NodeId> members) {
    var jitters = new LinkedHashMap<NodeId, Double>();
    for (var i = 0; i < members.size(); i++) {
      jitters.put(members.get(i), (i + 1.0) / (members.size() + 1));
    }
    text.numbers("jitter", 50).forEach((node, percent) -> jitters.put(node, percent / 100.0));
    return jitters;
  }

  /** With a policy the shipped planner makes the synchronous set, else the script does. */
  private Surroundings surroundings() {
    var policy = text.setting("policy").map(ScenarioText::policy);
    ScenarioText.check(
        policy.isEmpty() || text.setting("sync").isEmpty(), "policy and sync are two masters");
    return new Surroundings(policy, 0, Archive.Feeding.NOBODY, false, false);
  }

  private Setup setup(int size) {
    var mode = text.setting("mode").orElse("asynchronous");
    ScenarioText.check(
        mode.equals("asynchronous") || mode.equals("quorum"),
        "mode '%s' is neither asynchronous nor quorum".formatted(mode));
    var ttlMs = text.setting("ttl").map(ScenarioText::timeUs).orElse(TTL_US) / 1000;
    var lagMax = text.setting("maximum_lag").map(Long::parseLong).orElse(LAG_MAX_BYTES);
    return new Setup(
        size,
        ElectionTiming.DEFAULT,
        ttlMs,
        2 * ttlMs,
        STOP_MAX_US,
        0,
        0,
        0,
        Long.MAX_VALUE / 4,
        0,
        lagMax,
        mode.equals("quorum"),
        false,
        0,
        false);
  }

  private void play() {
    text.numbers("data", DATA_BYTES)
        .forEach((node, bytes) ->
            verbs.host(node).postgres.has(Wal.initial("the old data").grown(bytes)));
    if (!begin().equals("cold")) {
      world.hosts().forEach(Host::start);
      world.time.runUntil(SETTLE_US, world.referee::check);
    }
    var narration = world.narrate(lines::add);
    expectations.narrate(narration);
    if (!begin().equals("cold")) {
      lines.add("settled:");
      summary();
      lines.add("");
    }
    var beganUs = world.time.nowUs();
    for (var event : text.script()) {
      world.time.runUntil(beganUs + event.atUs(), this::looked);
      expectations.check();
      if (event.what().equals("end")) {
        break;
      }
      narration.say(">>>", event.what());
      if (event.what().startsWith(EXPECT)) {
        expectations.expect(event.what().substring(EXPECT.length()));
      } else if (event.what().startsWith(REMEMBER)) {
        expectations.remember(verbs.host(new NodeId(event.what().substring(REMEMBER.length()))));
      } else {
        verbs.perform(event.what());
      }
      narration.looked();
    }
    expectations.ended();
    lines.add("");
    lines.add("at the end:");
    summary();
  }

  private void looked() {
    world.referee.check();
    expectations.check();
  }

  private String begin() {
    var begin = text.setting("begin").orElse("settled");
    ScenarioText.check(begin.equals("settled") || begin.equals("cold"), "begin is settled or cold");
    return begin;
  }

  private void summary() {
    world.hosts().stream()
        .flatMap(it -> it.disk.accepted().stream())
        .max(Comparator.comparing(VersionedRecord::version))
        .ifPresent(it -> lines.add("  record " + RecordText.of(it, Optional.empty())));
    for (var host : world.hosts()) {
      var lease = host.lease().isPresent() ? ", " + HostText.lease(host) : "";
      var role = host.witness ? ", a witness" : ", " + HostText.postgres(host);
      lines.add("  %s  %s%s%s".formatted(host.id, HostText.agent(host), lease, role));
    }
  }
}
