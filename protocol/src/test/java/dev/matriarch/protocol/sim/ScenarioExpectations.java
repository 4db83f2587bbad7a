package dev.matriarch.protocol.sim;

import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.election.Standing;
import dev.matriarch.protocol.election.SyncSet;
import dev.matriarch.protocol.election.VersionedRecord;
import dev.matriarch.protocol.model.NodeId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What a script expects of a world: at once, {@code within} a time, or {@code for} a time. The
 * trace shows what happens; this is what must happen, also when the trace is written anew.
 */
final class ScenarioExpectations {
  private static final Pattern FORM = Pattern.compile("(.+?)(?: (within|for) (\\S+))?");
  private static final long FEW_COMMITS = 3;

  /** Looks at the world; tells what is other than expected. */
  private interface Look extends Supplier<Optional<String>> {}

  /** One form of expectation: words, and in capitals what stands for something. */
  private record Kind(String form, Function<MatchResult, Look> look) {
    Pattern pattern() {
      return Pattern.compile(
          form.replaceAll("\\b(NODES|WHAT)\\b", "(.+)")
              .replaceAll("\\b(NODE|TIME|COPIES|NUMBER)\\b", "(\\\\S+)"));
    }
  }

  private record Open(String text, boolean lasts, long beganUs, long untilUs, Look look) {}

  private final World world;
  private final ScenarioVerbs verbs;
  private final List<Kind> kinds;
  private final List<Open> open = new ArrayList<>();
  private Optional<Narration> narration = Optional.empty();
  private Optional<Wal> remembered = Optional.empty();

  ScenarioExpectations(World world, ScenarioVerbs verbs) {
    this.world = world;
    this.verbs = verbs;
    kinds =
        List.of(
            new Kind("no leader", _ -> () -> leader().map(it -> it.id + " leads")),
            new Kind("no leader but NODE", it -> others(host(it))),
            new Kind("leader NODE", it -> leads(host(it))),
            new Kind("no election", _ -> noElection()),
            new Kind("primary NODE", it -> () -> runs(host(it), true)),
            new Kind("no primary NODE", it -> () -> runs(host(it), false)),
            new Kind("timeline NUMBER", it -> () -> timeline(Integer.parseInt(it.group(1)))),
            new Kind("standby NODE", it -> () -> follows(host(it))),
            new Kind("all follow", _ -> this::allFollow),
            new Kind("fence NODE", it -> () -> fence(host(it), true)),
            new Kind("no fence NODE", it -> () -> fence(host(it), false)),
            new Kind("asynchronous", _ -> () -> sync(Optional.empty())),
            new Kind("sync COPIES of NODES", it -> () -> sync(Optional.of(set(it)))),
            new Kind("setting COPIES of NODES at NODE", it -> () -> setting(it)),
            new Kind("commits", _ -> commits()),
            new Kind("no commits", _ -> noCommits()),
            new Kind("NODE has all commits", it -> () -> lost(host(it))),
            new Kind("NODE lacks commits", it -> () -> lacks(host(it))),
            new Kind("nothing lost", _ -> this::nothingLost),
            new Kind("remembered wal at NODE", it -> () -> remembered(host(it), true)),
            new Kind("no remembered wal at NODE", it -> () -> remembered(host(it), false)),
            new Kind("voters NODES", it -> () -> voters(it.group(1))),
            new Kind("ttl TIME", it -> () -> ttl(ScenarioText.timeUs(it.group(1)) / 1000)),
            new Kind("reason WHAT", it -> () -> reason(it.group(1))));
  }

  void narrate(Narration told) {
    narration = Optional.of(told);
  }

  /** Begins to expect something. */
  void expect(String what) {
    var form = FORM.matcher(what);
    ScenarioText.check(form.matches(), "nothing is expected");
    var look =
        look(form.group(1))
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "'expect %s' is none of %s"
                        .formatted(what, kinds.stream().map(Kind::form).toList())));
    var now = world.time.nowUs();
    var until = form.group(3) == null ? now : now + ScenarioText.timeUs(form.group(3));
    open.add(new Open(what, "for".equals(form.group(2)), now, until, look));
    check();
  }

  private Optional<Look> look(String what) {
    for (var kind : kinds) {
      var found = kind.pattern().matcher(what);
      if (found.matches()) {
        return Optional.of(kind.look().apply(found.toMatchResult()));
      }
    }
    return Optional.empty();
  }

  /** After every event. */
  void check() {
    open.removeIf(this::isDecided);
  }

  private boolean isDecided(Open it) {
    var now = world.time.nowUs();
    var other = it.look().get();
    if (other.isPresent() && (it.lasts() || now >= it.untilUs())) {
      throw new AssertionError(
          "%.3f s: expected at %.3f s: %s, but %s"
              .formatted(seconds(now), seconds(it.beganUs()), it.text(), other.get()));
    }
    if (other.isPresent() || (it.lasts() && now < it.untilUs())) {
      return false;
    }
    if (!it.lasts() && now > it.beganUs()) {
      narration.ifPresent(told ->
          told.say("<<<", "%s: after %d ms".formatted(it.text(), (now - it.beganUs()) / 1000)));
    }
    return true;
  }

  private double seconds(long us) {
    return (us - narration.map(Narration::beganUs).orElse(0L)) / 1e6;
  }

  /** At the end of the script. */
  void ended() {
    check();
    var rest = open.stream().filter(it -> it.untilUs() > world.time.nowUs()).toList();
    ScenarioText.check(
        rest.isEmpty(),
        "the script ends before it is known: " + rest.stream().map(Open::text).toList());
  }

  // --- arguments --------------------------------------------------------------------------------

  private Host host(MatchResult found) {
    return verbs.host(node(found));
  }

  private static NodeId node(MatchResult found) {
    return new NodeId(found.group(1));
  }

  private static World.WantedSet set(MatchResult found) {
    var nodes = Arrays.stream(found.group(2).split(" ", -1)).map(NodeId::new);
    return new World.WantedSet(
        Integer.parseInt(found.group(1)), nodes.collect(Collectors.toUnmodifiableSet()));
  }

  // --- who leads --------------------------------------------------------------------------------

  /** Whoever leads with a lease that runs, whatever its PostgreSQL does. */
  private Optional<Host> leader() {
    return world.hosts().stream()
        .filter(it -> it.lease().isPresent())
        .filter(it -> it.agent.state.standing() instanceof Standing.Leading)
        .max(Comparator.comparingLong(it -> it.disk.record().map(ClusterRecord::term).orElse(0L)));
  }

  private Look others(Host host) {
    return () -> leader().filter(it -> it != host).map(it -> it.id + " leads");
  }

  private Look leads(Host host) {
    return () -> otherThanLed(host);
  }

  private Optional<String> otherThanLed(Host host) {
    var leader = leader();
    if (leader.filter(it -> it == host).isEmpty()) {
      return Optional.of(leader.map(it -> it.id + " leads").orElse("nobody leads"));
    }
    var postgres = leader.get().postgres;
    var timeline = leader.get().disk.record().map(ClusterRecord::timeline);
    var serves =
        postgres.phase == Postgres.Phase.PRIMARY
            && timeline.equals(Optional.of(postgres.timeline()));
    return serves ? Optional.empty() : Optional.of(HostText.postgres(leader.get()));
  }

  private Look noElection() {
    var before = terms();
    return () -> before.equals(terms()) ? Optional.empty() : Optional.of("there was an election");
  }

  /** Of all leaders, since one of old may not know yet. */
  private Optional<Long> terms() {
    return world.hosts().stream()
        .filter(it -> it.agent.state.standing() instanceof Standing.Leading)
        .map(it -> it.disk.version().ballot().term())
        .max(Long::compare);
  }

  // --- PostgreSQL -------------------------------------------------------------------------------

  private static Optional<String> runs(Host host, boolean primary) {
    return (host.postgres.phase == Postgres.Phase.PRIMARY) == primary
        ? Optional.empty()
        : Optional.of(HostText.postgres(host));
  }

  private Optional<String> timeline(int number) {
    var timeline = record().map(ClusterRecord::timeline).orElse(0);
    return timeline == number ? Optional.empty() : Optional.of("the timeline is " + timeline);
  }

  private Optional<String> follows(Host host) {
    var leader = leader();
    if (leader.isEmpty()) {
      return Optional.of("nobody leads");
    }
    var its = host.postgres;
    var streams =
        its.phase == Postgres.Phase.STANDBY
            && leader.get().postgres.phase == Postgres.Phase.PRIMARY
            && its.timeline() == leader.get().postgres.timeline()
            && its.replication.upstream.equals(leader);
    return streams ? Optional.empty() : Optional.of(host.id + " does not stream from it");
  }

  private Optional<String> allFollow() {
    var leader = leader();
    return world.hosts().stream()
        .filter(it -> it.on && !it.witness && !leader.equals(Optional.of(it)))
        .flatMap(it -> follows(it).stream())
        .findFirst();
  }

  private static Optional<String> fence(Host host, boolean wanted) {
    return host.disk.fenced() == wanted
        ? Optional.empty()
        : Optional.of(host.id + " " + HostText.fence(host));
  }

  // --- commits ----------------------------------------------------------------------------------

  private Look commits() {
    var enough = world.commits.count() + FEW_COMMITS;
    return () ->
        world.commits.count() >= enough
            ? Optional.empty()
            : Optional.of("no commits are acknowledged");
  }

  private Look noCommits() {
    var before = world.commits.count();
    return () ->
        world.commits.count() == before
            ? Optional.empty()
            : Optional.of("a commit was acknowledged");
  }

  private Optional<String> lost(Host host) {
    return world.commits.lackedBy(host);
  }

  /** What a node has now is looked for later, also in asynchronous mode. */
  void remember(Host host) {
    remembered = host.postgres.wal;
  }

  private Optional<String> remembered(Host host, boolean wanted) {
    var what = remembered.orElseThrow(() -> new IllegalArgumentException("nothing is remembered"));
    var has = host.postgres.wal.filter(it -> what.commonWith(it).end() == what.end()).isPresent();
    return has == wanted
        ? Optional.empty()
        : Optional.of(host.id + (has ? " has it" : " lacks some of it"));
  }

  private Optional<String> lacks(Host host) {
    return lost(host).isPresent() ? Optional.empty() : Optional.of(host.id + " has all");
  }

  private Optional<String> nothingLost() {
    var leader = leader();
    return leader.isEmpty() ? Optional.of("nobody leads") : lost(leader.get());
  }

  // --- the record -------------------------------------------------------------------------------

  /** The leader's; without one the newest that anybody stored. */
  private Optional<ClusterRecord> record() {
    var chosen =
        leader()
            .flatMap(it ->
                it.agent.state.standing() instanceof Standing.Leading leading
                    ? Optional.of(leading.chosen().record())
                    : Optional.empty());
    return chosen.or(() ->
        world.hosts().stream()
            .flatMap(it -> it.disk.accepted().stream())
            .max(Comparator.comparing(VersionedRecord::version))
            .map(VersionedRecord::record));
  }

  private Optional<String> sync(Optional<World.WantedSet> wanted) {
    var is = record().flatMap(ClusterRecord::sync).map(ScenarioExpectations::nodes);
    return is.equals(wanted) ? Optional.empty() : Optional.of("the set is " + is);
  }

  private static World.WantedSet nodes(SyncSet set) {
    Set<NodeId> nodes =
        set.members().stream().map(it -> it.node()).collect(Collectors.toUnmodifiableSet());
    return new World.WantedSet(set.copies(), nodes);
  }

  private Optional<String> setting(MatchResult found) {
    var host = verbs.host(new NodeId(found.group(3)));
    var is = host.postgres.replication.inForce.goal().waitsFor().map(ScenarioExpectations::nodes);
    return is.equals(Optional.of(set(found)))
        ? Optional.empty()
        : Optional.of("PostgreSQL goes by " + is);
  }

  /** By the stores that they have now, and nobody besides. */
  private Optional<String> voters(String nodes) {
    var voters = record().orElseThrow().voters();
    var expected = Arrays.stream(nodes.split(" ", -1)).map(NodeId::new).toList();
    var named =
        voters.stores().keySet().equals(Set.copyOf(expected))
            && record().orElseThrow().outgoing().isEmpty();
    var counted = expected.stream().map(verbs::host).allMatch(it -> voters.counts(it.disk.voter()));
    return named && counted ? Optional.empty() : Optional.of("the voters are " + voters);
  }

  private Optional<String> ttl(long ms) {
    var is = record().orElseThrow().ttlMs();
    return is == ms ? Optional.empty() : Optional.of("the ttl is %d ms".formatted(is));
  }

  private Optional<String> reason(String text) {
    var is = record().orElseThrow().history().getLast().reason();
    return is.contains(text) ? Optional.empty() : Optional.of("the reason is: " + is);
  }
}
