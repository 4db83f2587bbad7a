package dev.matriarch.protocol.sim;

import dev.matriarch.protocol.election.Ballot;
import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.election.Effect;
import dev.matriarch.protocol.election.ElectionMessage;
import dev.matriarch.protocol.election.ElectionState;
import dev.matriarch.protocol.election.Input;
import dev.matriarch.protocol.election.Standing;
import dev.matriarch.protocol.election.Step;
import dev.matriarch.protocol.election.VersionedRecord;
import dev.matriarch.protocol.model.NodeId;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Tells what matters of a world from now on, a line each: candidacies, promises, chosen records,
 * leases, and what PostgreSQL does. No beats, and nothing that only repeats.
 */
final class Narration {
  /** What is told of a host whenever it is another than before. */
  private static final List<Function<Host, String>> ASPECTS =
      List.of(HostText::agent, HostText::lease, HostText::fence, HostText::postgres);

  private record Refusal(NodeId voter, Ballot ballot, boolean forGood) {}

  private final World world;
  private final Consumer<String> out;
  private final Map<NodeId, String[]> aspects = new HashMap<>();
  private final Set<NodeId> canvassing = new HashSet<>();
  private final Set<Refusal> refusals = new HashSet<>();
  private final Set<VersionedRecord> chosen = new HashSet<>();
  private Optional<ClusterRecord> newest = Optional.empty();
  private final long beganUs;

  Narration(World world, Consumer<String> out) {
    this.world = world;
    this.out = out;
    beganUs = world.time.nowUs();
    for (var host : world.hosts()) {
      aspects.put(host.id, aspects(host));
      if (host.agent.state.standing() instanceof Standing.Leading it) {
        chosen.add(it.chosen());
        newest = Optional.of(it.chosen().record());
      }
    }
  }

  long beganUs() {
    return beganUs;
  }

  void noted(NodeId node, String text) {
    say(node.value(), text);
  }

  void say(String who, String text) {
    var atMs = (world.time.nowUs() - beganUs) / 1000;
    out.accept(
        String.format(Locale.ROOT, "%4d.%03d s  %-3s %s", atMs / 1000, atMs % 1000, who, text));
  }

  private static String[] aspects(Host host) {
    return ASPECTS.stream().map(it -> it.apply(host)).toArray(String[]::new);
  }

  /** After an event: what is other than before it. */
  void looked() {
    for (var host : world.hosts()) {
      var before = Objects.requireNonNull(aspects.get(host.id));
      for (var i = 0; i < before.length; i++) {
        var now = ASPECTS.get(i).apply(host);
        if (!now.equals(before[i])) {
          before[i] = now;
          say(host.id.value(), now);
        }
      }
    }
  }

  // --- steps ------------------------------------------------------------------------------------

  void stepped(Host host, ElectionState before, Input input, Step step) {
    var after = step.state();
    var who = host.id.value();
    var own = after.voter().promised().candidate().equals(host.id);
    if (!own) {
      promised(who, before, input, after);
    }
    stood(host, input.now(), before.standing(), after.standing());
    if (own) {
      promised(who, before, input, after);
    }
    for (var effect : step.effects()) {
      switch (effect) {
        case Effect.Send(var to, var message) -> sent(who, to, message);
        case Effect.Decided(var id, var verdict) -> {
          if (verdict instanceof Effect.Verdict.Chosen
              && before.standing() instanceof Standing.Accepting care) {
            chosen(who, care.proposal().value());
          }
          say(who, decided(id, verdict));
        }
      }
    }
  }

  private void promised(String who, ElectionState before, Input input, ElectionState after) {
    var promised = after.voter().promised();
    var byStoring =
        input instanceof Input.Received(_, ElectionMessage.Accept(var value), _)
            && promised.equals(value.version().ballot());
    if (!promised.equals(before.voter().promised()) && !byStoring) {
      say(who, "promises " + promised);
    }
  }

  private static String decided(long id, Effect.Verdict verdict) {
    return switch (verdict) {
      case Effect.Verdict.Chosen(var version) -> "change %d is in %s".formatted(id, version);
      case Effect.Verdict.Refused(var reason) -> "change %d is refused: %s".formatted(id, reason);
      case Effect.Verdict.Unknown(var reason) ->
          "change %d: nobody knows: %s".formatted(id, reason);
    };
  }

  private void stood(Host host, Duration now, Standing before, Standing after) {
    var who = host.id.value();
    switch (after) {
      case Standing.Idle _ -> idle(who, before);
      case Standing.Canvassing _ -> {
        // A node that is cut off asks for ever; once is enough.
        if (!(before instanceof Standing.Canvassing) && canvassing.add(host.id)) {
          say(who, "asks who else has lost the leader");
        }
      }
      case Standing.Waiting(var until, var reason) -> {
        if (!(before instanceof Standing.Waiting)) {
          var ms = until.minus(now).toMillis();
          say(who, "may stand, but not before %d ms: %s".formatted(ms, reason));
        }
      }
      case Standing.Preparing it -> {
        if (!(before instanceof Standing.Preparing was) || !was.ballot().equals(it.ballot())) {
          say(who, "stands with ballot %s: %s".formatted(it.ballot(), purpose(it.purpose())));
        }
      }
      case Standing.Accepting it -> {
        var value = it.proposal().value();
        if (!(before instanceof Standing.Accepting)) {
          say(who, "has a majority of promises, and proposes " + RecordText.of(value, newest));
        }
      }
      case Standing.Leading it -> {
        if (!(before instanceof Standing.Leading)) {
          say(who, "is elected for term " + it.lease().ballot().term());
        }
        chosen(who, it.chosen());
      }
    }
    if (!(after instanceof Standing.Idle) && !(after instanceof Standing.Canvassing)) {
      canvassing.remove(host.id);
    }
  }

  private void idle(String who, Standing before) {
    switch (before) {
      case Standing.Idle _, Standing.Canvassing _ -> {}
      case Standing.Waiting _ -> say(who, "need not stand any more");
      case Standing.Preparing it -> say(who, "ends its candidacy " + it.ballot());
      case Standing.Accepting(_, Standing.Purpose.Care _, _) -> {} // its change is decided
      case Standing.Accepting it ->
          say(who, "ends its candidacy with " + it.proposal().value().version());
      case Standing.Leading it -> say(who, "leads no more in term " + it.lease().ballot().term());
    }
  }

  private static String purpose(Standing.Purpose purpose) {
    return switch (purpose) {
      case Standing.Purpose.Lead(var reason, var acceptsLoss) ->
          reason + (acceptsLoss ? ", whatever is lost" : "");
      case Standing.Purpose.Care _ -> "to apply a change while nobody leads";
    };
  }

  private void chosen(String who, VersionedRecord value) {
    if (chosen.add(value)) {
      say(who, "record chosen, " + RecordText.of(value, newest));
      newest = Optional.of(value.record());
    }
  }

  private void sent(String who, NodeId to, ElectionMessage message) {
    switch (message) {
      case ElectionMessage.Refused(var from, var ballot, _, var retryAfterMs) -> {
        if (refusals.add(new Refusal(from, ballot, retryAfterMs == 0))) {
          var why =
              retryAfterMs == 0 ? "it has promised another" : "not before " + retryAfterMs + " ms";
          say(who, "refuses %s: %s".formatted(ballot, why));
        }
      }
      case ElectionMessage.Release(var ballot, var successor, _, _) -> {
        if (ballot.candidate().value().equals(who)) { // a successor passes it on
          released(who, to, successor);
        }
      }
      case ElectionMessage.Beat _,
          ElectionMessage.Granted _,
          ElectionMessage.Canvass _,
          ElectionMessage.Opinion _,
          ElectionMessage.Prepare _,
          ElectionMessage.Promise _,
          ElectionMessage.Accept _,
          ElectionMessage.Accepted _,
          ElectionMessage.Yield _ -> {}
    }
  }

  /** One message to each node; told with the first of them. */
  private void released(String who, NodeId to, Optional<NodeId> successor) {
    var first =
        world.members().stream().filter(it -> !it.value().equals(who)).findFirst().orElseThrow();
    if (to.equals(first)) {
      say(who, "releases its lease" + successor.map(it -> " to " + it).orElse(""));
    }
  }
}
