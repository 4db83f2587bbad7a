package dev.matriarch.actors.postgres;

import static dev.matriarch.actors.postgres.PgFixture.assertDone;
import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.actors.postgres.PgFixture.Node;
import dev.matriarch.protocol.ha.ReplicationSlot;
import dev.matriarch.protocol.ha.SlotPlan;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class MemberSlotsTest {
  private static final Duration TTL = Duration.ofMinutes(30);

  private static PgFixture fixture;
  private static Node node;

  @BeforeAll
  static void open() throws Exception {
    fixture = new PgFixture();
    node = fixture.primary("a");
  }

  @AfterAll
  static void close() throws IOException {
    fixture.close();
  }

  @Test
  void slotsComeWithTheirMembersAndGoAfterTheirTimeToLive() throws Exception {
    node.execute("SELECT pg_create_physical_replication_slot('foreigner', true)");
    var first = apply(List.of("b", "c"), Map.of(), Duration.ofHours(1));
    assertThat(names()).containsExactlyInAnyOrder("b", "c", "foreigner");
    assertThat(node.status().slots()).allMatch(slot -> slot.restartLsn().isPresent());

    var second =
        apply(List.of("b"), first.lastWanted(), Duration.ofHours(1).plus(TTL.dividedBy(2)));
    assertThat(names()).contains("c");
    var third = apply(List.of("b"), second.lastWanted(), Duration.ofHours(1).plus(TTL));
    assertThat(names()).containsExactlyInAnyOrder("b", "foreigner");
    assertThat(apply(List.of("b"), third.lastWanted(), Duration.ofHours(9)).isEmpty()).isTrue();
    node.execute("SELECT pg_drop_replication_slot('foreigner')");
    node.execute("SELECT pg_drop_replication_slot('b')");
  }

  @Test
  void lostSlotIsMadeAnew() throws Exception {
    apply(List.of("lost"), Map.of(), Duration.ofHours(1));
    node.execute("ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'");
    node.execute("ALTER SYSTEM SET wal_keep_size = 0");
    node.execute("SELECT pg_reload_conf()");
    PgFixture.eventually(() -> {
      node.execute("SELECT pg_logical_emit_message(false, 'x', repeat('x', 100000))");
      node.execute("SELECT pg_switch_wal()");
      node.execute("CHECKPOINT");
      return node.status().slots().stream()
          .anyMatch(slot -> slot.name().equals("lost") && slot.lost());
    });
    assertThat(apply(List.of("lost"), Map.of(), Duration.ofHours(1)).recreate())
        .containsExactly("lost");
    assertThat(node.status().slots())
        .filteredOn(slot -> slot.name().equals("lost"))
        .singleElement()
        .satisfies(slot -> assertThat(slot.lost()).isFalse());
    node.execute("SELECT pg_drop_replication_slot('lost')");
  }

  @Test
  void slotThatCameIntoUseSinceThePlanIsKept() throws Exception {
    node.execute("SELECT pg_create_physical_replication_slot('busy', true)");
    var plan = plan(List.of(), Map.of("busy", Duration.ZERO), TTL);
    assertThat(plan.drop()).containsExactly("busy");
    var standby = fixture.node("standby");
    assertDone(standby.clone(node));
    standby.configure("primary_slot_name = 'busy'");
    standby.follow(node);
    standby.start();
    PgFixture.awaitStreaming(standby, node);
    try (var connection = node.open()) {
      MemberSlots.apply(connection, plan);
    }
    assertThat(names()).contains("busy");
    standby.kill();
    PgFixture.eventually(() -> node.status().slots().stream().noneMatch(ReplicationSlot::active));
    node.execute("SELECT pg_drop_replication_slot('busy')");
  }

  @Test
  void serverWithoutRoomSaysWhichSlotIsMissing() throws Exception {
    var many = new TreeSet<String>();
    for (var i = 0; i < 30; i++) {
      many.add("m" + i);
    }
    var plan = plan(many, Map.of(), TTL);
    try (var connection = node.open()) {
      assertThat(MemberSlots.apply(connection, plan))
          .isInstanceOfSatisfying(
              Outcome.Failed.class,
              it -> assertThat(it.reason()).contains("create m").contains("in use"));
    }
    for (var name : names()) {
      if (name.startsWith("m")) {
        node.execute("SELECT pg_drop_replication_slot('%s')".formatted(name));
      }
    }
  }

  private static SlotPlan apply(
      Collection<String> wanted, Map<String, Duration> lastWanted, Duration now)
      throws SQLException {
    var plan = plan(wanted, lastWanted, now);
    try (var connection = node.open()) {
      assertDone(MemberSlots.apply(connection, plan));
    }
    return plan;
  }

  private static SlotPlan plan(
      Collection<String> wanted, Map<String, Duration> lastWanted, Duration now)
      throws SQLException {
    return SlotPlan.of(
        new SlotPlan.View(
            new TreeSet<>(wanted), node.status().slots(), lastWanted, now, TTL, false));
  }

  private static List<String> names() throws SQLException {
    return node.status().slots().stream().map(ReplicationSlot::name).toList();
  }
}
