package dev.matriarch.protocol.ha;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.protocol.model.Lsn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class SlotPlanTest {
  private static final Duration TTL = Duration.ofMinutes(30);
  private static final Duration NOW = Duration.ofHours(5);
  private static final Optional<Lsn> SOME = Optional.of(new Lsn(7));

  @Test
  void missingSlotIsCreatedAndAGoodOneIsKept() {
    var plan = plan(List.of("a", "b"), List.of(physical("a")), Map.of(), true);
    assertThat(plan.create()).containsExactly("b");
    assertThat(plan.recreate()).isEmpty();
    assertThat(plan.drop()).isEmpty();
    assertThat(plan.lastWanted()).containsEntry("a", NOW).containsEntry("b", NOW);
  }

  @Test
  void lostSlotIsMadeAnew() {
    var lost = new ReplicationSlot("a", true, false, false, SOME, true, false);
    assertThat(plan(List.of("a"), List.of(lost), Map.of(), false).recreate()).containsExactly("a");
  }

  @Test
  void slotThatKeepsNoLogIsMadeAnew() {
    var empty = new ReplicationSlot("a", true, false, false, Optional.empty(), false, false);
    assertThat(plan(List.of("a"), List.of(empty), Map.of(), false).recreate()).containsExactly("a");
  }

  @Test
  void unusedSlotThatHoldsVacuumBackIsMadeAnewOnAStandbyOnly() {
    var holding = new ReplicationSlot("a", true, false, false, SOME, false, true);
    assertThat(plan(List.of("a"), List.of(holding), Map.of(), true).recreate())
        .containsExactly("a");
    assertThat(plan(List.of("a"), List.of(holding), Map.of(), false).isEmpty()).isTrue();
  }

  @Test
  void slotOfAMemberThatIsGoneOutlivesItForItsTimeToLive() {
    var existing = List.of(physical("gone"));
    var young = plan(List.of(), existing, Map.of("gone", NOW.minus(TTL).plusNanos(1)), false);
    assertThat(young.isEmpty()).isTrue();
    assertThat(young.lastWanted()).containsKey("gone");
    assertThat(plan(List.of(), existing, Map.of("gone", NOW.minus(TTL)), false).drop())
        .containsExactly("gone");
  }

  @Test
  void memberThatComesBackGetsItsTimeAnew() {
    var back = plan(List.of("a"), List.of(physical("a")), Map.of("a", Duration.ZERO), false);
    assertThat(back.isEmpty()).isTrue();
    assertThat(back.lastWanted()).containsEntry("a", NOW);
  }

  @Test
  void forgottenSlotIsNotRememberedForEver() {
    assertThat(plan(List.of(), List.of(), Map.of("a", Duration.ZERO), false).lastWanted())
        .isEmpty();
  }

  @Test
  void logicalOrTemporarySlotWithAMembersNameIsReportedAndLeftAlone() {
    var logical = new ReplicationSlot("a", false, false, false, SOME, false, true);
    var temporary = new ReplicationSlot("b", true, true, true, SOME, false, false);
    var plan = plan(List.of("a", "b"), List.of(logical, temporary), Map.of(), true);
    assertThat(plan.isEmpty()).isTrue();
    assertThat(plan.problems()).hasSize(2).allMatch(text -> text.contains("drop or rename"));
  }

  @Test
  void noSlotInUseTemporaryLogicalOrForeignIsEverDropped() {
    var dropped = 0;
    for (var slot : everySlot()) {
      for (var known : List.of(true, false)) {
        for (var wanted : List.of(true, false)) {
          var memory = known ? Map.of(slot.name(), Duration.ZERO) : Map.<String, Duration>of();
          var names = wanted ? List.of(slot.name()) : List.<String>of();
          for (var standby : List.of(true, false)) {
            var plan = plan(names, List.of(slot), memory, standby);
            var gone = !plan.drop().isEmpty() || !plan.recreate().isEmpty();
            dropped += gone ? 1 : 0;
            assertThat(plan.create()).isEmpty();
            assertThat(gone && (slot.active() || slot.temporary() || !slot.physical())).isFalse();
            assertThat(gone && !known && !wanted).isFalse();
            assertThat(wanted && !plan.drop().isEmpty()).isFalse();
          }
        }
      }
    }
    assertThat(dropped).isPositive();
  }

  private static List<ReplicationSlot> everySlot() {
    var all = new ArrayList<ReplicationSlot>();
    for (var bits = 0; bits < 64; bits++) {
      all.add(
          new ReplicationSlot(
              "s",
              (bits & 1) != 0,
              (bits & 2) != 0,
              (bits & 4) != 0,
              (bits & 8) != 0 ? SOME : Optional.empty(),
              (bits & 16) != 0,
              (bits & 32) != 0));
    }
    return all;
  }

  private static ReplicationSlot physical(String name) {
    return new ReplicationSlot(name, true, false, false, SOME, false, false);
  }

  private static SlotPlan plan(
      List<String> wanted,
      List<ReplicationSlot> existing,
      Map<String, Duration> lastWanted,
      boolean standby) {
    return SlotPlan.of(
        new SlotPlan.View(new TreeSet<>(wanted), existing, lastWanted, NOW, TTL, standby));
  }
}
