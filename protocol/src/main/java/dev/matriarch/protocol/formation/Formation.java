package dev.matriarch.protocol.formation;

import dev.matriarch.protocol.formation.FormationView.Life;
import dev.matriarch.protocol.model.NodeId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeSet;

/**
 * Decides how an agent gets into the one Pekko cluster of its members.
 *
 * <p>Pekko's own rule, "the first seed node founds a cluster when nobody answers it", makes an
 * island of a first node that restarts while it is cut off, and islands never merge. Here only a
 * node that sees a majority of unjoined members founds, and where two clusters meet all the same
 * the smaller one dissolves. Nothing about leadership depends on it.
 */
public final class Formation {
  /** Members tell of themselves, and a link that was refused is tried again, once a second. */
  private static final Duration SETTLED = Duration.ofSeconds(3);

  private static final Duration ISLAND_FOR_SURE = Duration.ofSeconds(3);

  /** What to do about the Pekko cluster. */
  public sealed interface Action {
    record Wait() implements Action {}

    /** Join the cluster that this member is in. */
    record Join(NodeId peer) implements Action {}

    /** Begin a new cluster with this node. */
    record Found() implements Action {}

    /** Leave an island: begin a new life, and join the others. */
    record Restart(String because) implements Action {}
  }

  private Formation() {}

  public static Action decide(FormationView view) {
    return view.self().isJoined() ? joined(view) : unjoined(view);
  }

  private static Action unjoined(FormationView view) {
    var joined =
        view.others().entrySet().stream()
            .filter(it -> it.getValue().isJoined())
            .max(
                Comparator.comparingInt(
                        (Map.Entry<NodeId, Life> it) -> company(view, it.getValue()))
                    .thenComparing(Map.Entry::getKey, Comparator.reverseOrder()));
    if (joined.isPresent()) {
      return new Action.Join(joined.get().getKey());
    }
    var present = new TreeSet<>(view.others().keySet());
    present.add(view.name());
    var majority = view.configured().size() / 2 + 1;
    return present.size() >= majority
            && present.first().equals(view.name())
            && (present.containsAll(view.configured()) || view.heardFor().compareTo(SETTLED) >= 0)
        ? new Action.Found()
        : new Action.Wait();
  }

  private static Action joined(FormationView view) {
    var strangers = new ArrayList<NodeId>();
    var companions = new ArrayList<NodeId>();
    companions.add(view.name());
    view.others()
        .forEach((node, life) -> {
          if (life.isJoined()) {
            (life.isWith(view.self()) ? companions : strangers).add(node);
          }
        });
    if (strangers.isEmpty() || view.heardFor().compareTo(ISLAND_FOR_SURE) < 0) {
      return new Action.Wait();
    }
    var smaller =
        companions.size() < strangers.size()
            || (companions.size() == strangers.size()
                && new TreeSet<>(strangers).first().compareTo(new TreeSet<>(companions).first())
                    < 0);
    return smaller
        ? new Action.Restart("%s are together without this node".formatted(strangers))
        : new Action.Wait();
  }

  /** How many of the others that are heard are in the cluster of {@code life}. */
  private static int company(FormationView view, Life life) {
    return (int)
        view.others().values().stream().filter(it -> it.isJoined() && it.isWith(life)).count();
  }
}
