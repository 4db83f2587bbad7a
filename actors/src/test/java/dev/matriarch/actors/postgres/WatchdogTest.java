package dev.matriarch.actors.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.config.WatchdogSettings;
import dev.matriarch.config.WatchdogSettings.Mode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A file stands in for the device; what a driver would get is what is in it. */
class WatchdogTest {
  private static final Duration TTL = Duration.ofSeconds(4);
  private static final Duration HALF = Duration.ofSeconds(-1);
  private static final Path NO_WATCHDOG = Path.of("/dev/zero");

  private final TestInstance instance;
  private final Path device;

  WatchdogTest() throws IOException {
    instance = TestInstance.create();
    device = Files.createFile(instance.root.resolve("watchdog"));
  }

  @AfterEach
  void close() throws IOException {
    instance.close();
  }

  private Watchdog watchdog(Mode mode) {
    return new Watchdog(new WatchdogSettings(mode, device, HALF, true));
  }

  private static void await(BooleanSupplier condition) {
    var until = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (!condition.getAsBoolean() && System.nanoTime() < until) {
      LockSupport.parkNanos(5_000_000);
    }
    assertThat(condition.getAsBoolean()).isTrue();
  }

  /** Renews the lease as the agent does, until the condition holds. */
  private static void renewUntil(Watchdog watchdog, Guardian guardian, BooleanSupplier condition) {
    await(() -> {
      guardian.setDeadline(TestInstance.in(TTL));
      watchdog.give(guardian, TTL, Duration.ZERO);
      return condition.getAsBoolean();
    });
  }

  private String written() {
    try {
      return Files.readString(device);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void theDeviceIsArmedWhileThereIsALeaseAndLetGoInOrder() throws Exception {
    var guardian = instance.primary(TestInstance.in(TTL));
    var watchdog = watchdog(Mode.REQUIRED);
    assertThat(watchdog.obstacle(TTL)).isEmpty();
    assertThat(watchdog.allowsPrimary()).isFalse();

    renewUntil(watchdog, guardian, watchdog::allowsPrimary);
    renewUntil(watchdog, guardian, () -> written().length() > 10);

    assertThat(guardian.hasOpen(device)).isTrue();
    assertThat(written()).as("set, closed, opened, kept alive").matches("V1+");
    guardian.clearDeadline();
    await(() -> !guardian.hasOpen(device));
    assertThat(written()).matches("V1+V");
    renewUntil(watchdog, guardian, () -> guardian.hasOpen(device));
    renewUntil(watchdog, guardian, watchdog::allowsPrimary);
    assertThat(instance.stop(PgStop.Mode.FAST)).isInstanceOf(Outcome.Done.class);
    TestInstance.awaitEnd(guardian.process());
    assertThat(written()).matches("V1+V1+V");
  }

  @Test
  void aLeaseThatIsNotRenewedLetsTheDeviceFireAtItsEndUnlessPostgresIsGoneBefore()
      throws Exception {
    var guardian = instance.primary(TestInstance.in(TTL));
    var watchdog = watchdog(Mode.AUTOMATIC);
    renewUntil(watchdog, guardian, () -> guardian.hasOpen(device));
    var deadline = TestInstance.in(TTL);
    guardian.setDeadline(deadline);
    var firesAfter = TTL.dividedBy(2).toMillis();

    await(() -> HostClock.bootMillis() > deadline - firesAfter + 150);
    var kept = written().length();
    assertThat(TestInstance.survives(guardian, Duration.ofMillis(500))).isTrue();
    assertThat(written()).as("not kept alive any more").hasSize(kept).doesNotEndWith("V");

    assertThat(TestInstance.endOf(guardian)).isLessThanOrEqualTo(deadline);
    TestInstance.awaitEnd(guardian.process());
    assertThat(written()).hasSize(kept + 1).endsWith("V");
  }

  @Test
  void inSynchronousModeItMayFireAtTheEndOfTheLease() throws Exception {
    var guardian = instance.primary(TestInstance.in(TTL));
    var watchdog = watchdog(Mode.REQUIRED);

    // The guardian's deadline alone would be too near for it.
    await(() -> {
      guardian.setDeadline(TestInstance.in(Duration.ofMillis(1900)));
      watchdog.give(guardian, TTL, Duration.ofMillis(2100));
      return written().length() > 10;
    });

    assertThat(written()).matches("V1+");
  }

  @Test
  void theDeviceOfAKilledGuardianGoesOnAndTheNextOneTakesIt() throws Exception {
    var killed = instance.primary(TestInstance.in(TTL));
    var watchdog = watchdog(Mode.REQUIRED);
    renewUntil(watchdog, killed, watchdog::allowsPrimary);

    killed.process().signal(PosixCalls.SIGKILL);
    TestInstance.awaitEnd(killed.process());

    assertThat(written()).doesNotEndWith("V");
    var next =
        TestInstance.watching(
            Guardian.adopt(instance.home, killed.postmaster(), Optional.of(TestInstance.in(TTL))));
    renewUntil(watchdog, next, () -> next.hasOpen(device));
    renewUntil(watchdog, next, watchdog::allowsPrimary);
  }

  @Test
  void aStoppedGuardianDoesNotKeepTheDeviceFromFiring() throws Exception {
    var guardian = instance.primary(TestInstance.in(TTL));
    var watchdog = watchdog(Mode.AUTOMATIC);
    renewUntil(watchdog, guardian, () -> guardian.hasOpen(device));
    guardian.process().signal(PosixCalls.SIGSTOP);
    var kept = written().length();

    for (var beat = 0; beat < 5; beat++) {
      guardian.setDeadline(TestInstance.in(TTL));
      assertThat(TestInstance.survives(guardian, Duration.ofMillis(100))).isTrue();
    }

    assertThat(written()).hasSize(kept);
  }

  @Test
  void withoutADeviceARequiredOneForbidsToLeadAndAnAutomaticOneDoesNot() throws Exception {
    Files.delete(device);
    var guardian = instance.primary(TestInstance.in(TTL));
    var automatic = watchdog(Mode.AUTOMATIC);
    var required = watchdog(Mode.REQUIRED);
    var off = watchdog(Mode.OFF);

    automatic.give(guardian, TTL, Duration.ZERO);
    required.give(guardian, TTL, Duration.ZERO);
    off.give(guardian, TTL, Duration.ZERO);

    assertThat(automatic.obstacle(TTL)).isEmpty();
    assertThat(automatic.allowsPrimary()).isTrue();
    assertThat(off.obstacle(TTL)).isEmpty();
    assertThat(off.allowsPrimary()).isTrue();
    assertThat(required.obstacle(TTL).orElseThrow()).contains("there is no device " + device);
    assertThat(required.allowsPrimary()).isFalse();
    assertThat(device).doesNotExist();
  }

  @Test
  void aFileIsNoDevice() {
    var required = new Watchdog(new WatchdogSettings(Mode.REQUIRED, device, HALF, false));

    assertThat(required.obstacle(TTL).orElseThrow()).contains("is not a device");
  }

  @Test
  void aDeviceThatKnowsNoTimeOutsIsUsedUnlessOneIsRequired() throws Exception {
    // A device without the requests of watchdogs: they fail with ENOTTY.
    var guardian = instance.primary(TestInstance.in(TTL));
    var automatic = new Watchdog(new WatchdogSettings(Mode.AUTOMATIC, NO_WATCHDOG, HALF, false));
    var required = new Watchdog(new WatchdogSettings(Mode.REQUIRED, NO_WATCHDOG, HALF, false));
    assertThat(required.obstacle(TTL)).isEmpty();

    renewUntil(required, guardian, () -> required.obstacle(TTL).isPresent());

    assertThat(required.obstacle(TTL).orElseThrow()).contains("does not say after which time");
    assertThat(required.allowsPrimary()).isFalse();
    assertThat(guardian.hasOpen(NO_WATCHDOG)).isFalse();
    renewUntil(automatic, guardian, () -> guardian.hasOpen(NO_WATCHDOG));
  }

  @Test
  void aTimeOutWithoutRoomInTheLeaseIsRefused() {
    var all = new Watchdog(new WatchdogSettings(Mode.REQUIRED, device, TTL, true));
    var none = new Watchdog(new WatchdogSettings(Mode.REQUIRED, device, Duration.ZERO, true));

    assertThat(all.obstacle(TTL).orElseThrow()).contains("fire after 0 s");
    assertThat(none.obstacle(TTL).orElseThrow()).contains("fire after 4 s");
    assertThat(none.obstacle(TTL.plusMillis(700))).isEmpty();
  }
}
