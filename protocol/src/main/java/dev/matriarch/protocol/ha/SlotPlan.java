package dev.matriarch.protocol.ha;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What to do about the physical slots through which members stream from this node.
 *
 * <p>Only slots that were a member's are ever dropped, and none that is in use, temporary or
 * logical. Anybody else's slot is left alone.
 *
 * @param create missing ones
 * @param recreate useless ones, to be dropped and created again
 * @param drop those whose member has been gone for longer than the time to live
 * @param problems wanted ones that cannot be had, each with what to do, for the log
 * @param lastWanted when each member's slot was wanted last; input of the next plan
 */
public record SlotPlan(
    SortedSet<String> create,
    SortedSet<String> recreate,
    SortedSet<String> drop,
    List<String> problems,
    SortedMap<String, Duration> lastWanted) {

  /**
   * What the plan depends on.
   *
   * @param wanted names of the members' slots; never the node's own
   * @param lastWanted from the plan before; the caller adds slots of former members that it knows
   *     of from elsewhere, else they count as somebody else's
   * @param now on the same monotonic clock as the times in {@code lastWanted}
   * @param timeToLive how long a slot outlives its member
   * @param standby the node is in recovery
   */
  public record View(
      SortedSet<String> wanted,
      List<ReplicationSlot> existing,
      Map<String, Duration> lastWanted,
      Duration now,
      Duration timeToLive,
      boolean standby) {}

  public static SlotPlan of(View view) {
    var plan =
        new SlotPlan(
            new TreeSet<>(),
            new TreeSet<>(),
            new TreeSet<>(),
            new ArrayList<>(),
            new TreeMap<>(view.lastWanted()));
    var existing =
        view.existing().stream()
            .collect(Collectors.toMap(ReplicationSlot::name, Function.identity()));
    for (var name : view.wanted()) {
      plan.lastWanted.put(name, view.now());
      var slot = existing.get(name);
      if (slot == null) {
        plan.create.add(name);
      } else {
        plan.keep(slot, view.standby());
      }
    }
    for (var slot : view.existing()) {
      if (!view.wanted().contains(slot.name())) {
        plan.expire(slot, view);
      }
    }
    plan.lastWanted
        .keySet()
        .removeIf(name -> !view.wanted().contains(name) && !existing.containsKey(name));
    return plan;
  }

  public boolean isEmpty() {
    return create.isEmpty() && recreate.isEmpty() && drop.isEmpty();
  }

  private void keep(ReplicationSlot slot, boolean standby) {
    if (!slot.physical() || slot.temporary()) {
      problems.add(
          "slot %s is needed for a member, but a %s slot has that name: drop or rename it"
              .formatted(slot.name(), slot.physical() ? "temporary" : "logical"));
    } else if (!slot.active() && isUseless(slot, standby)) {
      recreate.add(slot.name());
    }
  }

  /**
   * On a standby nobody moves the xmin of an unused slot on: it would hold vacuum back for ever.
   */
  private static boolean isUseless(ReplicationSlot slot, boolean standby) {
    return slot.lost() || slot.restartLsn().isEmpty() || (standby && slot.holdsXmin());
  }

  private void expire(ReplicationSlot slot, View view) {
    var last = lastWanted.get(slot.name());
    if (last == null) {
      return;
    }
    var droppable = slot.physical() && !slot.temporary() && !slot.active();
    if (droppable && view.now().minus(last).compareTo(view.timeToLive()) >= 0) {
      drop.add(slot.name());
    }
  }
}
