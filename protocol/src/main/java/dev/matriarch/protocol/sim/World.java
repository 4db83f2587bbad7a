package dev.matriarch.protocol.sim;

import dev.matriarch.protocol.election.ElectionMachine;
import dev.matriarch.protocol.election.ElectionMessage;
import dev.matriarch.protocol.election.ElectionState;
import dev.matriarch.protocol.election.ElectionTiming;
import dev.matriarch.protocol.election.Founding;
import dev.matriarch.protocol.election.Input;
import dev.matriarch.protocol.election.Step;
import dev.matriarch.protocol.model.NodeId;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/** One cluster and all that happens to it, from one seed. */
final class World {
  private static final long HOSTILE_US = 40_000_000;

  final Mutation mutation;
  final Dice dice;
  final VirtualTime time = new VirtualTime();
  final Setup setup;
  final Surroundings surroundings;
  final SyncWish wish;
  final Marks marks = new Marks();
  final Trace trace;
  final Network network;
  final Referee referee;
  final Commits commits = new Commits(this);
  final LossLedger ledger = new LossLedger(this);
  final Archive archive = new Archive(this);
  final Faults faults;
  final Ambushes ambushes;
  boolean hostile = true;

  /** What the synchronous set shall be; absent: the leaders pick. */
  Optional<WantedSet> wanted = Optional.empty();

  /** So many copies on these nodes, whatever incarnation of them is there; 0: asynchronous mode. */
  record WantedSet(int copies, Set<NodeId> nodes) {}

  private final SortedSet<NodeId> members;
  private final Map<NodeId, Host> hosts = new TreeMap<>();
  private final List<Host> inOrder;
  private final MarkReader markReader;
  private Optional<Narration> narration = Optional.empty();
  private long lastId;
  private long lastBeginning;

  World(long seed, Mutation mutation, Optional<Consumer<String>> listener) {
    this(Stage.drawn(seed, mutation), mutation, listener);
  }

  World(Stage stage, Mutation mutation, Optional<Consumer<String>> listener) {
    this.mutation = mutation;
    dice = stage.dice();
    setup = stage.setup();
    surroundings = stage.surroundings();
    wish = new SyncWish(this, surroundings.policy());
    members = new TreeSet<>(stage.members());
    trace = new Trace(time, listener);
    network = new Network(this);
    referee = new Referee(this);
    markReader = new MarkReader(marks);
    for (var id : members) {
      hosts.put(id, new Host(this, id, Optional.of(id).equals(stage.witness())));
    }
    inOrder = List.copyOf(hosts.values());
    faults = new Faults(this);
    ambushes = new Ambushes(this, faults);
  }

  /** Faults for a while; then the world is well, and must become well to its users too. */
  void run() {
    faults.begin();
    wish.begin();
    new HandPromotions(this).begin();
    new LastResorts(this).begin();
    time.runUntil(HOSTILE_US, referee::check);
    hostile = false;
    faults.end();
    new Recovery(this).awaited();
  }

  Host host(NodeId id) {
    return Objects.requireNonNull(hosts.get(id));
  }

  List<Host> hosts() {
    return inOrder;
  }

  SortedSet<NodeId> members() {
    return members;
  }

  Rules rulesOf(NodeId id) {
    var t = setup.timing();
    var drift = mutation == Mutation.DRIFT_NOT_SUBTRACTED ? 0 : t.drift();
    var timing =
        new ElectionTiming(
            t.heartbeat(), t.suspicion(), t.rankStep(), t.roundTimeout(), t.fenceTimeout(), drift);
    var founding = new Founding(setup.ttlMs(), Map.of("n", 0));
    var machine = new ElectionMachine(id, members, timing, founding);
    return mutation == Mutation.NONE ? Rules.of(machine) : new MutantRules(machine, mutation);
  }

  /** From now on {@code line} hears what matters, in words. */
  Narration narrate(Consumer<String> line) {
    var told = new Narration(this, line);
    narration = Optional.of(told);
    trace.onNote(told::noted);
    time.afterEach(told::looked);
    return told;
  }

  /** Tells two timelines of one number apart. */
  long nextBeginning() {
    return ++lastBeginning;
  }

  long nextId() {
    return ++lastId;
  }

  void observed(Host host, ElectionState before, Input input, Step step) {
    var after = step.state();
    trace.step(
        host.id,
        () -> {
          var saved = step.save().isPresent() ? " saved" : "";
          return input + " => " + StateText.of(after) + saved;
        });
    if (input instanceof Input.Received(_, ElectionMessage.Granted granted, _)) {
      host.agent.supervisor.driver.heard(granted.from());
    }
    marks.moved(before.standing(), after.standing());
    markReader.read(host.id, before, input, step);
    referee.observed(host, before, input, step);
    ambushes.observed(host, before, step);
    narration.ifPresent(it -> it.stepped(host, before, input, step));
  }
}
