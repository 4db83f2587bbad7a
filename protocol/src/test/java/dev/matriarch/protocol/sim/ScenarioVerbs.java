package dev.matriarch.protocol.sim;

import dev.matriarch.protocol.election.ElectionMessage;
import dev.matriarch.protocol.election.Input;
import dev.matriarch.protocol.election.RecordChange;
import dev.matriarch.protocol.model.NodeId;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** What a script can do to a world. */
final class ScenarioVerbs {
  private static final long FOR_EVER_US = Long.MAX_VALUE / 4;
  private static final long STORE_EXCHANGE_US = 500_000;

  /** One form of event: words, and in capitals what stands for something. */
  private record Verb(String form, Consumer<MatchResult> action) {
    Pattern pattern() {
      return Pattern.compile(
          form.replaceAll("\\b(NODES|WHAT)\\b", "(.+)")
              .replaceAll("\\b(NODE|OTHER|TIME|COPIES|BYTES|KIND)\\b", "(\\\\S+)"));
    }
  }

  private final World world;
  private final List<Verb> verbs;

  ScenarioVerbs(World world) {
    this.world = world;
    verbs =
        List.of(
            new Verb("start NODE", it -> start(host(it))),
            new Verb("crash NODE for TIME", it -> host(it).crash(time(it, 2))),
            new Verb("crash NODE", it -> host(it).crash(FOR_EVER_US)),
            new Verb("restart agent NODE after TIME", it -> host(it).agent.restart(time(it, 2))),
            new Verb("pause NODE for TIME", it -> host(it).agent.pause(time(it, 2))),
            new Verb("kill postgres NODE", it -> host(it).postgres.died()),
            new Verb("wipe data NODE", it -> wipe(host(it))),
            new Verb("lose store NODE", it -> exchange(host(it), host(it)::loseStore)),
            new Verb("find store NODE", it -> exchange(host(it), host(it)::findStore)),
            new Verb("write BYTES at NODE", it -> host(it, 2).postgres.write(number(it, 1))),
            new Verb("cut off NODE", it -> world.network.cut(around(it))),
            new Verb("cut NODE > OTHER", it -> world.network.cut(Set.of(link(it)))),
            new Verb("cut NODE - OTHER", it -> world.network.cut(both(link(it)))),
            new Verb("mend NODE > OTHER", it -> world.network.mend(Set.of(link(it)))),
            new Verb("mend NODE - OTHER", it -> world.network.mend(both(link(it)))),
            new Verb("heal", _ -> world.network.calm()),
            new Verb("slow NODE by TIME", it -> world.network.slow(host(it).id, time(it, 2))),
            new Verb("mute KIND of NODE", it -> world.network.mute(host(it, 2).id, kind(it))),
            new Verb("unmute NODE", it -> world.network.unmute(host(it).id)),
            new Verb("hand over NODE to OTHER", it -> handOver(host(it), Optional.of(host(it, 2)))),
            new Verb("hand over NODE", it -> handOver(host(it), Optional.empty())),
            new Verb("resign NODE", it -> host(it).agent.handle(Input.Resign::new)),
            new Verb("set ttl TIME at NODE", it -> setTtl(host(it, 2), time(it, 1) / 1000)),
            new Verb("remove NODE at OTHER", it -> remove(host(it, 2), host(it).id)),
            new Verb("force NODE because WHAT", it -> force(host(it), it.group(2))),
            new Verb("policy WHAT", it -> world.wish.asks(ScenarioText.policy(it.group(1)))),
            new Verb("synchronise nobody", _ -> synchronise(0, Set.of())),
            new Verb("stall NODE", it -> host(it).stalled = true),
            new Verb("unstall NODE", it -> host(it).stalled = false),
            new Verb("synchronise COPIES of NODES", it -> synchronise(it.group(1), it.group(2))),
            new Verb("nofailover NODE", it -> host(it).lame = true),
            new Verb("failover NODE", it -> host(it).lame = false),
            new Verb("fence slow NODE TIME", it -> host(it).fenceMinUs = time(it, 2)));
  }

  /** Does the first that fits. */
  void perform(String what) {
    for (var verb : verbs) {
      var found = verb.pattern().matcher(what);
      if (found.matches()) {
        verb.action().accept(found.toMatchResult());
        return;
      }
    }
    throw new IllegalArgumentException(
        "'%s' is none of %s".formatted(what, verbs.stream().map(Verb::form).toList()));
  }

  // --- arguments --------------------------------------------------------------------------------

  Host host(NodeId node) {
    ScenarioText.check(world.members().contains(node), node + " is no member");
    return world.host(node);
  }

  private Host host(MatchResult found) {
    return host(found, 1);
  }

  private Host host(MatchResult found, int argument) {
    return host(new NodeId(found.group(argument)));
  }

  private static long time(MatchResult found, int argument) {
    return ScenarioText.timeUs(found.group(argument));
  }

  private static long number(MatchResult found, int argument) {
    return Long.parseLong(found.group(argument));
  }

  private Network.Link link(MatchResult found) {
    return new Network.Link(host(found, 1).id, host(found, 2).id);
  }

  private static Set<Network.Link> both(Network.Link link) {
    return Set.of(link, new Network.Link(link.to(), link.from()));
  }

  private Set<Network.Link> around(MatchResult found) {
    var links = new HashSet<Network.Link>();
    for (var other : world.members()) {
      if (!other.equals(host(found).id)) {
        links.addAll(both(new Network.Link(host(found).id, other)));
      }
    }
    return links;
  }

  private static Class<? extends ElectionMessage> kind(MatchResult found) {
    var kind =
        Arrays.stream(ElectionMessage.class.getPermittedSubclasses())
            .filter(it -> it.getSimpleName().equals(found.group(1)))
            .findFirst();
    ScenarioText.check(kind.isPresent(), "there is no message " + found.group(1));
    return kind.get().asSubclass(ElectionMessage.class);
  }

  // --- what is done -----------------------------------------------------------------------------

  private void start(Host host) {
    host.clock = host.clock.rebooted(world.time.nowUs(), 0);
    host.start();
  }

  private static void wipe(Host host) {
    host.postgres.died();
    host.postgres.wiped();
  }

  private static void exchange(Host host, Runnable stores) {
    host.crash(STORE_EXCHANGE_US);
    stores.run();
  }

  private static void handOver(Host host, Optional<Host> successor) {
    host.agent.supervisor.handOver(successor.map(it -> it.id));
  }

  private void setTtl(Host host, long ttlMs) {
    host.agent.propose(new RecordChange.Configure(Map.of("n", world.nextId()), ttlMs));
  }

  void synchronise(String copies, String nodes) {
    var wanted = new HashSet<NodeId>();
    for (var node : nodes.split(" ", -1)) {
      wanted.add(host(new NodeId(node)).id);
    }
    synchronise(Integer.parseInt(copies), Set.copyOf(wanted));
  }

  private void synchronise(int copies, Set<NodeId> nodes) {
    world.wanted = Optional.of(new World.WantedSet(copies, nodes));
  }

  private static void remove(Host host, NodeId member) {
    host.agent.propose(new RecordChange.Disenfranchise(member));
  }

  /** What may be lost by it is no longer looked for. */
  private void force(Host host, String reason) {
    world.commits.forget();
    host.agent.handle(now -> new Input.Force(now, reason));
  }
}
