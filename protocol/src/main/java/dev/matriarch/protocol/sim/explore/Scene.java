package dev.matriarch.protocol.sim.explore;

import dev.matriarch.protocol.election.Incarnation;
import dev.matriarch.protocol.election.SyncSet;
import dev.matriarch.protocol.model.NodeId;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a small cluster of {@code a} (the primary), {@code b} and {@code c} may go through.
 *
 * @param sync the synchronous set in the beginning
 * @param change another set that a leader may bring about, once
 * @param stands how often a node may suspect its leader and stand; a leader that stands again is
 *     not counted
 * @param lastTerm no term above is begun
 * @param writes how many commits clients ask for; each promotion writes one besides
 * @param restarts how often an agent may restart
 * @param duplicates how many messages may come twice
 * @param unable nodes that must not lead
 * @param latePositions a fenced standby may still have to replay before its position is known
 * @param lateReports the shell acts first, and reports any time later
 */
public record Scene(
    SyncSet sync,
    Optional<SyncSet> change,
    int stands,
    long lastTerm,
    int writes,
    int restarts,
    int duplicates,
    Set<NodeId> unable,
    boolean latePositions,
    boolean lateReports,
    Flaw flaw) {

  static final List<NodeId> NODES = List.of(new NodeId("a"), new NodeId("b"), new NodeId("c"));

  public Scene {
    unable = Set.copyOf(unable);
  }

  /** One node may stand, up to term 2; one commit; no faults but those of the network. */
  public static Scene of(SyncSet sync) {
    return new Scene(sync, Optional.empty(), 1, 2, 1, 0, 0, Set.of(), false, false, Flaw.NONE);
  }

  /** {@code copies} on the nodes with these one-letter names. */
  public static SyncSet set(String names, int copies) {
    return new SyncSet(
        names
            .chars()
            .mapToObj(it -> new Incarnation(new NodeId(Character.toString(it)), 1))
            .collect(Collectors.toSet()),
        copies);
  }

  public Scene changing(SyncSet to) {
    return new Scene(
        sync,
        Optional.of(to),
        stands,
        lastTerm,
        writes,
        restarts,
        duplicates,
        unable,
        latePositions,
        lateReports,
        flaw);
  }

  public Scene elections(int newStands, long newLastTerm) {
    return new Scene(
        sync,
        change,
        newStands,
        newLastTerm,
        writes,
        restarts,
        duplicates,
        unable,
        latePositions,
        lateReports,
        flaw);
  }

  public Scene commits(int count) {
    return new Scene(
        sync,
        change,
        stands,
        lastTerm,
        count,
        restarts,
        duplicates,
        unable,
        latePositions,
        lateReports,
        flaw);
  }

  public Scene faults(int newRestarts, int newDuplicates) {
    return new Scene(
        sync,
        change,
        stands,
        lastTerm,
        writes,
        newRestarts,
        newDuplicates,
        unable,
        latePositions,
        lateReports,
        flaw);
  }

  public Scene withUnable(String name) {
    return new Scene(
        sync,
        change,
        stands,
        lastTerm,
        writes,
        restarts,
        duplicates,
        Set.of(new NodeId(name)),
        latePositions,
        lateReports,
        flaw);
  }

  public Scene withLatePositions() {
    return new Scene(
        sync,
        change,
        stands,
        lastTerm,
        writes,
        restarts,
        duplicates,
        unable,
        true,
        lateReports,
        flaw);
  }

  public Scene withLateReports() {
    return new Scene(
        sync,
        change,
        stands,
        lastTerm,
        writes,
        restarts,
        duplicates,
        unable,
        latePositions,
        true,
        flaw);
  }

  public Scene with(Flaw newFlaw) {
    return new Scene(
        sync,
        change,
        stands,
        lastTerm,
        writes,
        restarts,
        duplicates,
        unable,
        latePositions,
        lateReports,
        newFlaw);
  }
}
