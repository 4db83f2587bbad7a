package dev.matriarch.actors.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.config.WatchdogSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A guardian of the first protocol, which lives on while the agent above it is upgraded. */
class GuardianUpgradeTest {
  private final TestInstance instance;

  GuardianUpgradeTest() throws IOException {
    instance = TestInstance.create(TestInstance.FIRST_GUARDIAN);
  }

  @AfterEach
  void close() throws IOException {
    instance.close();
  }

  @Test
  void aNewAgentTakesAnOldGuardianOverAndTellsItDeadlines() throws Exception {
    var old = instance.primary();
    old.close();

    var found = Guardian.find(instance.home.controlDir()).orElseThrow();

    assertThat(found.process()).isEqualTo(old.process());
    assertThat(found.postmaster()).isEqualTo(old.postmaster());
    assertThat(found.clearDeadline()).isEqualTo(Guardian.Told.DELIVERED);
    assertThat(found.ping()).isEqualTo(Guardian.Told.DELIVERED);
    var deadline = TestInstance.in(Duration.ofMillis(1200));
    assertThat(found.setDeadline(deadline)).isEqualTo(Guardian.Told.DELIVERED);
    assertThat(TestInstance.survives(found, Duration.ofMillis(300))).isTrue();
    assertThat(found.isDeaf()).isFalse();
    assertThat(TestInstance.endOf(found)).isBetween(deadline - 600, deadline);
  }

  @Test
  void anOldGuardianIsReplacedByAPresentOneWithoutTouchingPostgres() throws Exception {
    var old = instance.primary();
    var home =
        new GuardianHome(TestInstance.GUARDIAN, instance.home.controlDir(), instance.dataDir);

    var present =
        TestInstance.watching(
            Guardian.adopt(
                home, old.postmaster(), Optional.of(TestInstance.in(Duration.ofSeconds(20)))));

    assertThat(old.alive()).isFalse();
    assertThat(present.knowsWatchdog()).isTrue();
    assertThat(present.postmaster()).isEqualTo(old.postmaster());
    assertThat(instance.query("SELECT 1")).isEqualTo("1");
    var deadline = TestInstance.in(Duration.ofMillis(900));
    present.setDeadline(deadline);
    assertThat(TestInstance.endOf(present)).isBetween(deadline - 600, deadline);
  }

  @Test
  void anOldGuardianGetsNoLinesThatItDoesNotKnow() throws Exception {
    var old = instance.primary();
    var device = Files.createFile(instance.root.resolve("watchdog"));
    var watchdog =
        new Watchdog(
            new WatchdogSettings(
                WatchdogSettings.Mode.REQUIRED, device, Duration.ofSeconds(-1), true));

    watchdog.give(old, Duration.ofSeconds(10), Duration.ZERO);

    assertThat(watchdog.allowsPrimary()).isFalse();
    assertThat(watchdog.obstacle(Duration.ofSeconds(10)).orElseThrow()).contains("earlier version");
    assertThat(TestInstance.survives(old, Duration.ofMillis(300))).isTrue();
    assertThat(Files.readString(instance.home.log())).doesNotContain("ignored");
    assertThat(Files.size(device)).isZero();
  }
}
