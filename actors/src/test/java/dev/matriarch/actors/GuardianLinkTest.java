package dev.matriarch.actors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.actors.postgres.Guardian;
import dev.matriarch.actors.postgres.GuardianHome;
import dev.matriarch.actors.postgres.HostClock;
import dev.matriarch.actors.postgres.OsUser;
import dev.matriarch.actors.postgres.PostmasterLaunch;
import dev.matriarch.actors.postgres.ProcessId;
import dev.matriarch.actors.postgres.Watchdog;
import dev.matriarch.config.WatchdogSettings;
import dev.matriarch.protocol.ha.FencePolicy;
import dev.matriarch.protocol.ha.HaView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The supervisor's hand on a real guardian; a process that sleeps is its postmaster. */
class GuardianLinkTest {
  private static final Duration TTL = Duration.ofSeconds(10);
  private static final Path PROGRAM =
      Path.of("../deploy/src/main/dist/libexec/guardian").toAbsolutePath().normalize();

  private final GuardianLink link = new GuardianLink();
  private Path root;
  private GuardianHome home;
  private Guardian guardian;

  @BeforeEach
  void start() throws IOException {
    root = Files.createTempDirectory("matriarch-link");
    var data = Files.createDirectory(root.resolve("data"));
    home = new GuardianHome(PROGRAM, root.resolve("control"), data);
    guardian =
        watching(
            Guardian.start(
                new PostmasterLaunch(
                    home,
                    OsUser.of(root),
                    List.of("sleep", "1000"),
                    Map.of(),
                    Optional.of(now().plus(TTL).toMillis()))));
    link.watch(guardian, Optional.of(now().plus(TTL)));
  }

  @AfterEach
  void end() throws Exception {
    link.letGo();
    signal("KILL", guardian.postmaster());
    Guardian.find(home.controlDir())
        .ifPresent(it -> {
          it.close();
          signal("KILL", it.process());
        });
    signal("KILL", guardian.process());
    var _ = new ProcessBuilder("rm", "-rf", root.toString()).start().waitFor();
  }

  private static Guardian watching(Guardian.Start start) {
    return switch (start) {
      case Guardian.Start.Watching(var it) -> it;
      case Guardian.Start.NotStarted(var reason) -> throw new AssertionError(reason);
    };
  }

  private static void signal(String name, ProcessId process) {
    if (process.alive()) {
      try {
        var _ =
            new ProcessBuilder("kill", "-" + name, Integer.toString(process.pid()))
                .start()
                .waitFor();
      } catch (IOException | InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private static Duration now() {
    return Duration.ofNanos(HostClock.bootNanos());
  }

  private boolean renew() {
    return link.obey(new FencePolicy.Order.StopBefore(now().plus(TTL), TTL, Duration.ZERO));
  }

  /** Beats as the leader's supervisor does until the link says that nobody listens. */
  private Duration untilNobodyListens(Duration atMost) {
    var began = now();
    while (renew()) {
      assertThat(now().minus(began)).isLessThan(atMost);
      LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
    }
    return now().minus(began);
  }

  @Test
  void aKilledGuardianIsNoticedWithoutAWordToIt() {
    assertThat(renew()).isTrue();
    signal("KILL", guardian.process());
    var began = now();
    while (link.obey(new FencePolicy.Order.Nothing())) {
      assertThat(now().minus(began)).isLessThan(Duration.ofMillis(300));
      LockSupport.parkNanos(Duration.ofMillis(1).toNanos());
    }
    assertThat(guardian.postmaster().alive()).isTrue();
  }

  @Test
  void aStoppedGuardianIsNoticedAndReplaced() {
    assertThat(renew()).isTrue();
    signal("STOP", guardian.process());

    assertThat(untilNobodyListens(Duration.ofSeconds(3))).isLessThan(Duration.ofSeconds(2));

    link.letGo();
    var next =
        watching(
            Guardian.adopt(home, guardian.postmaster(), Optional.of(now().plus(TTL).toMillis())));
    link.watch(next, Optional.empty());
    assertThat(guardian.alive()).isFalse();
    assertThat(renew()).isTrue();
    assertThat(guardian.postmaster().alive()).isTrue();
  }

  @Test
  void aStoppedGuardianOfAStandbyIsNoticedToo() {
    assertThat(link.obey(new FencePolicy.Order.LetRun())).isTrue();
    signal("STOP", guardian.process());
    var began = now();
    while (link.obey(new FencePolicy.Order.LetRun())) {
      assertThat(now().minus(began)).isLessThan(Duration.ofSeconds(5));
      LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
    }
  }

  @Test
  void aGuardianThatEndsWithPostgresIsNotMissed() {
    signal("KILL", guardian.postmaster());
    var began = now();
    while (!guardian.hasEnded()) {
      assertThat(now().minus(began)).isLessThan(Duration.ofSeconds(5));
      LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
    }

    assertThat(renew()).isTrue();
    assertThat(link.postmasterRuns()).isFalse();
  }

  @Test
  void aGuardianThatReadsIsNeverTakenForDeaf() {
    var until = now().plusSeconds(3);
    while (now().compareTo(until) < 0) {
      assertThat(renew()).isTrue();
      LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
    }
  }

  @Test
  void aPrimaryWithoutAGuardianIsLeftAloneForAMomentOnly() {
    var now = now();
    assertThat(link.isUnguarded(true, now)).isFalse();
    link.letGo();
    assertThat(link.isUnguarded(true, now)).isFalse();
    assertThat(link.isUnguarded(true, now.plusMillis(1900))).isFalse();
    assertThat(link.isUnguarded(true, now.plusMillis(2000))).isTrue();
    assertThat(link.isUnguarded(false, now.plusMillis(2100))).isFalse();
    assertThat(link.isUnguarded(true, now.plusMillis(2200))).isFalse();
  }

  @Test
  void withoutTheRequiredWatchdogNothingIsPromoted() {
    assertThat(renew()).isTrue();
    assertThat(link.fence(now())).isInstanceOf(HaView.Fence.Deadline.class);
    link.use(
        new Watchdog(
            new WatchdogSettings(
                WatchdogSettings.Mode.REQUIRED,
                root.resolve("no-device"),
                Duration.ofSeconds(-1),
                true)));

    assertThat(renew()).isTrue();

    assertThat(link.fence(now())).isEqualTo(new HaView.Fence.None());
    assertThat(link.obstacle(TTL).orElseThrow()).contains("no-device");
    assertThat(link.isUnguarded(true, now())).isFalse();
    assertThat(link.isUnguarded(true, now().plusSeconds(2))).isTrue();
  }

  @Test
  void withTheRequiredWatchdogInTheGuardiansHandItMayBePromoted() throws Exception {
    link.use(
        new Watchdog(
            new WatchdogSettings(
                WatchdogSettings.Mode.REQUIRED,
                Files.createFile(root.resolve("device")),
                Duration.ofSeconds(-1),
                true)));
    var began = now();
    while (!(link.fence(now()) instanceof HaView.Fence.Deadline)) {
      assertThat(renew()).isTrue();
      assertThat(now().minus(began)).isLessThan(Duration.ofSeconds(5));
      LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
    }
    assertThat(link.isUnguarded(true, now().plusSeconds(5))).isFalse();
  }
}
