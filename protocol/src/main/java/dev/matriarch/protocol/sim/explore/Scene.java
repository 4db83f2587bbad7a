package dev.matriarch.protocol.sim.explore;

import dev.matriarch.protocol.election.Incarnation;
import dev.matriarch.protocol.election.SyncSet;
import dev.matriarch.protocol.model.NodeId;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * What a small cluster of {@code a} (the primary), {@code b} and {@code c} may go through. Nodes
 * are named by strings of their letters.
 */
public final class Scene {
  static final List<NodeId> NODES = List.of(new NodeId("a"), new NodeId("b"), new NodeId("c"));

  /** The number of each data directory in the beginning. */
  static final long FIRST = 1;

  private final SyncSet sync;
  private Optional<SyncSet> change = Optional.empty();
  private String voters = "abc";
  private String striking = "";
  private int voterChanges;
  private String standing = "abc";
  private int stands = 1;
  private int caretakers;
  private long lastTerm = 2;
  private int writes = 1;
  private int restarts;
  private int duplicates;
  private String wiped = "";
  private int wipes;
  private String losing = "";
  private int lostStores;
  private int foundStores;
  private String cut = "";
  private String unable = "";
  private boolean latePositions;
  private boolean lateReports;
  private List<String> opening = List.of();
  private Flaw flaw = Flaw.NONE;

  private Scene(SyncSet sync) {
    this.sync = sync;
  }

  /** One node may stand, up to term 2; one commit; no faults but those of the network. */
  public static Scene of(SyncSet sync) {
    return new Scene(sync);
  }

  /** {@code copies} on these nodes. */
  public static SyncSet set(String names, int copies) {
    return new SyncSet(
        names
            .chars()
            .mapToObj(it -> new Incarnation(new NodeId(Character.toString(it)), FIRST))
            .collect(Collectors.toSet()),
        copies);
  }

  // --- what may happen --------------------------------------------------------------------------

  /** A leader may bring this set about, once; of whatever incarnation its nodes then are. */
  public Scene changing(SyncSet to) {
    return with(it -> it.change = Optional.of(to));
  }

  /**
   * Elections.
   *
   * @param count how often a node may suspect its leader and stand; a leader that stands again is
   *     not counted
   * @param last no term above is begun
   */
  public Scene elections(int count, long last) {
    return with(it -> {
      it.stands = count;
      it.lastTerm = last;
    });
  }

  /** Nobody else loses its leader. */
  public Scene onlyStanding(String names) {
    return with(it -> it.standing = names);
  }

  /** So often a node that has lost its leader applies a change as caretaker. */
  public Scene caretakers(int count) {
    return with(it -> it.caretakers = count);
  }

  /** So many commits clients ask for; each promotion writes one besides. */
  public Scene commits(int count) {
    return with(it -> it.writes = count);
  }

  /** So often an agent may restart; so many messages may come twice. */
  public Scene faults(int newRestarts, int newDuplicates) {
    return with(it -> {
      it.restarts = newRestarts;
      it.duplicates = newDuplicates;
    });
  }

  /** So often the data directory of one of these nodes is wiped, where {@link Spare} allows it. */
  public Scene wipes(int count, String names) {
    return with(it -> {
      it.wipes = count;
      it.wiped = names;
    });
  }

  /**
   * Stores of voters are lost, where {@link Spare} allows it.
   *
   * @param found how often one that was lost comes back
   */
  public Scene lostStores(int count, int found, String names) {
    return with(it -> {
      it.lostStores = count;
      it.foundStores = found;
      it.losing = names;
    });
  }

  /** Who votes in the beginning; the others are configured, and have no vote yet. */
  public Scene voters(String names) {
    return with(it -> it.voters = names);
  }

  /**
   * So often a leader begins to change the voters: stores without a vote get one, and an operator
   * may take the votes of {@code names}.
   */
  public Scene voterChanges(int count, String names) {
    return with(it -> {
      it.voterChanges = count;
      it.striking = names;
    });
  }

  /** The agents of these two nodes never hear each other. */
  public Scene cut(String names) {
    return with(it -> it.cut = names);
  }

  /** Nodes that must not lead. */
  public Scene withUnable(String names) {
    return with(it -> it.unable = names);
  }

  /** A fenced standby may still have to replay before its position is known. */
  public Scene withLatePositions() {
    return with(it -> it.latePositions = true);
  }

  /** The shell acts first, and reports any time later. */
  public Scene withLateReports() {
    return with(it -> it.lateReports = true);
  }

  /** What has happened already, as a trace tells it. */
  public Scene after(String... actions) {
    return with(it -> it.opening = List.of(actions));
  }

  public Scene with(Flaw newFlaw) {
    return with(it -> it.flaw = newFlaw);
  }

  private Scene with(Consumer<Scene> changed) {
    var copy = new Scene(sync);
    copy.change = change;
    copy.voters = voters;
    copy.striking = striking;
    copy.voterChanges = voterChanges;
    copy.standing = standing;
    copy.stands = stands;
    copy.caretakers = caretakers;
    copy.lastTerm = lastTerm;
    copy.writes = writes;
    copy.restarts = restarts;
    copy.duplicates = duplicates;
    copy.wiped = wiped;
    copy.wipes = wipes;
    copy.losing = losing;
    copy.lostStores = lostStores;
    copy.foundStores = foundStores;
    copy.cut = cut;
    copy.unable = unable;
    copy.latePositions = latePositions;
    copy.lateReports = lateReports;
    copy.opening = opening;
    copy.flaw = flaw;
    changed.accept(copy);
    return copy;
  }

  // --- questions --------------------------------------------------------------------------------

  SyncSet sync() {
    return sync;
  }

  Optional<SyncSet> change() {
    return change;
  }

  List<String> opening() {
    return opening;
  }

  Flaw flaw() {
    return flaw;
  }

  int count(Draft.Budget budget) {
    return switch (budget) {
      case STANDS -> stands;
      case CARETAKERS -> caretakers;
      case WRITES -> writes;
      case RESTARTS -> restarts;
      case DUPLICATES -> duplicates;
      case CHANGES -> change.isPresent() ? 1 : 0;
      case VOTER_CHANGES -> voterChanges;
      case WIPES -> wipes;
      case LOST_STORES -> lostStores;
      case FOUND_STORES -> foundStores;
    };
  }

  long lastTerm() {
    return lastTerm;
  }

  boolean latePositions() {
    return latePositions;
  }

  boolean lateReports() {
    return lateReports;
  }

  Set<NodeId> voters() {
    return NODES.stream().filter(it -> isOne(voters, it)).collect(Collectors.toSet());
  }

  boolean mayStand(NodeId node) {
    return isOne(standing, node);
  }

  boolean mayLead(NodeId node) {
    return !isOne(unable, node);
  }

  boolean mayBeWiped(NodeId node) {
    return isOne(wiped, node);
  }

  boolean mayLoseStore(NodeId node) {
    return isOne(losing, node);
  }

  boolean losesStores() {
    return lostStores > 0;
  }

  boolean mayLoseVote(NodeId node) {
    return isOne(striking, node);
  }

  boolean hear(NodeId one, NodeId other) {
    return !isOne(cut, one) || !isOne(cut, other);
  }

  private static boolean isOne(String names, NodeId node) {
    return names.contains(node.value());
  }
}
