package dev.matriarch.actors.postgres;

import dev.matriarch.config.WatchdogSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The kernel's watchdog device, which resets the host when nobody writes to it for its time-out.
 *
 * <p>The guardian holds it, not the agent, while it has a deadline: it backs up the guardian, so
 * that an agent's death costs no host. This side sets the time-out, which a script cannot, and sees
 * to it that the guardian has the device. Nothing here blocks but {@link WatchdogDevice#prepare},
 * which has a thread of its own.
 */
public final class Watchdog {
  private static final Logger LOG = LoggerFactory.getLogger(Watchdog.class);

  /** The guardian opens it at its next turn; it has lost it when it is not seen for as long. */
  private static final Duration OPENED_WITHIN = Duration.ofSeconds(1);

  private static final Duration LOOK_EVERY = Duration.ofMillis(500);

  /** After a failure this node stays behind for so long, where a device is required. */
  private static final Duration RETRY = Duration.ofSeconds(30);

  /** A renewal is up to so much old when the guardian acts on it. */
  private static final Duration RENEWAL = Duration.ofMillis(600);

  /** What the guardian is to be given. */
  private record Terms(Guardian guardian, Duration ttl, Duration spare) {}

  private sealed interface State {
    record Idle() implements State {}

    record Preparing(Terms terms) implements State {}

    /** The guardian was told; {@code seen} is when it last had the device open. */
    record Given(Terms terms, boolean held, Duration seen, Duration looked) implements State {}

    record Failed(Terms terms, Duration at, String reason) implements State {}
  }

  private final WatchdogSettings settings;
  private State state = new State.Idle();
  private String said = "";

  /** Without a deadline the guardian lets go of the device, and this is not called. */
  private Duration calledAt = Duration.ZERO;

  public Watchdog(WatchdogSettings settings) {
    this.settings = settings;
  }

  private boolean isRequired() {
    return settings.mode() == WatchdogSettings.Mode.REQUIRED;
  }

  /**
   * Why this node must not become or stay leader; empty where it may, also without a device where
   * none is required. The device is not opened for that: some cannot be closed again.
   */
  public synchronized Optional<String> obstacle(Duration ttl) {
    if (!isRequired()) {
      return Optional.empty();
    }
    return problem(ttl)
        .or(() ->
            state instanceof State.Failed(_, var at, var reason) && isRecent(at)
                ? Optional.of(reason)
                : Optional.empty())
        .map(it -> "the watchdog is required, and " + it);
  }

  private static boolean isRecent(Duration at) {
    return now().minus(at).compareTo(RETRY) < 0;
  }

  /** Whether a primary may run: the guardian holds the device, or need not. */
  public synchronized boolean allowsPrimary() {
    return !isRequired() || (state instanceof State.Given given && given.held);
  }

  /**
   * Gives the device to a guardian that has a deadline; to be called with each renewal.
   *
   * @param ttl length of the lease
   * @param spare how much later than the guardian's deadline the lease ends
   */
  public synchronized void give(Guardian guardian, Duration ttl, Duration spare) {
    if (settings.mode() == WatchdogSettings.Mode.OFF) {
      return;
    }
    var terms = new Terms(guardian, ttl, spare);
    var now = now();
    if (state instanceof State.Given given && now.minus(calledAt).compareTo(OPENED_WITHIN) >= 0) {
      state = new State.Given(given.terms, false, now, Duration.ZERO); // opened anew
    }
    calledAt = now;
    state =
        switch (state) {
          case State.Preparing preparing -> preparing;
          case State.Given given when given.terms.equals(terms) -> look(given, now);
          case State.Failed failed when failed.terms.equals(terms) && isRecent(failed.at) -> failed;
          case State.Idle _, State.Given _, State.Failed _ -> prepare(terms);
        };
  }

  private State look(State.Given given, Duration now) {
    var often = given.held ? LOOK_EVERY : Duration.ZERO;
    if (now.minus(given.looked).compareTo(often) < 0) {
      return given;
    }
    if (given.terms.guardian.hasOpen(settings.device())) {
      if (!given.held) {
        LOG.info("the guardian holds the watchdog device {}", settings.device());
        said = "";
      }
      return new State.Given(given.terms, true, now, now);
    }
    return now.minus(given.seen).compareTo(OPENED_WITHIN) < 0
        ? new State.Given(given.terms, given.held, given.seen, now)
        : failed(
            given.terms,
            "the guardian does not hold %s; its log says why".formatted(settings.device()));
  }

  private State prepare(Terms terms) {
    var problem =
        problem(terms.ttl)
            .or(() ->
                Optional.of(
                        "the guardian is of an earlier version; it is replaced when PostgreSQL is"
                            + " restarted")
                    .filter(_ -> !terms.guardian.knowsWatchdog()));
    if (problem.isPresent()) {
      return failed(terms, problem.get());
    }
    var ready = new WatchdogDevice(settings.device(), settings.testing());
    var wanted = firesAfter(terms.ttl);
    Thread.ofVirtual()
        .name("watchdog")
        .start(() -> {
          try {
            if (terms.guardian.hasOpen(settings.device())) {
              terms.guardian.releaseWatchdog();
            }
            prepared(terms, wanted, ready.prepare(wanted));
          } catch (RuntimeException | Error e) {
            prepared(terms, wanted, new WatchdogDevice.Setting.Unusable("unexpected: " + e));
          }
        });
    return new State.Preparing(terms);
  }

  private synchronized void prepared(Terms terms, Duration wanted, WatchdogDevice.Setting setting) {
    state =
        switch (setting) {
          case WatchdogDevice.Setting.Set() -> given(terms, wanted);
          case WatchdogDevice.Setting.Otherwise(var how) -> {
            var reason =
                "%s %s, and has to fire after %d s"
                    .formatted(settings.device(), how, wanted.toSeconds());
            if (isRequired()) {
              yield failed(terms, reason);
            }
            warn(reason + "; it may reset the host later than the lease ends");
            yield given(terms, wanted);
          }
          case WatchdogDevice.Setting.Unusable(var reason) -> failed(terms, reason);
        };
  }

  private State given(Terms terms, Duration firesAfter) {
    return switch (terms.guardian.holdWatchdog(settings.device(), firesAfter, terms.spare)) {
      case DELIVERED -> new State.Given(terms, false, now(), Duration.ZERO);
      case PAST, STUCK, GONE -> new State.Idle(); // another one comes
    };
  }

  private State failed(Terms terms, String reason) {
    warn(reason + (isRequired() ? "" : "; going on without it"));
    return new State.Failed(terms, now(), reason);
  }

  /** Once; what is tried again and again would fill the log. */
  private void warn(String what) {
    if (!said.equals(what)) {
      said = what;
      LOG.warn("watchdog: {}", what);
    }
  }

  /** What can be known without opening the device. */
  private Optional<String> problem(Duration ttl) {
    var device = settings.device();
    if (!Files.exists(device)) {
      return Optional.of("there is no device %s; load its driver".formatted(device));
    }
    if (!settings.testing() && !isCharacterDevice(device)) {
      return Optional.of("%s is not a device".formatted(device));
    }
    if (!Files.isWritable(device)) {
      return Optional.of("the agent's user may not write to %s".formatted(device));
    }
    var after = firesAfter(ttl);
    return after.isPositive() && after.plus(RENEWAL).compareTo(ttl) < 0
        ? Optional.empty()
        : Optional.of(
            "with a ttl of %d s and a safety_margin of %d s it would have to fire after %d s; it needs 1 s at least, and less than the ttl"
                .formatted(
                    ttl.toSeconds(), settings.safetyMargin().toSeconds(), after.toSeconds()));
  }

  private static boolean isCharacterDevice(Path device) {
    try {
      var mode = (int) Files.getAttribute(device, "unix:mode");
      return (mode & 0170000) == 0020000;
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }

  /** In whole seconds, as the drivers count. */
  private Duration firesAfter(Duration ttl) {
    var margin = settings.safetyMargin();
    return Duration.ofSeconds(
        (margin.isNegative() ? ttl.dividedBy(2) : ttl.minus(margin)).toSeconds());
  }

  private static Duration now() {
    return Duration.ofNanos(HostClock.bootNanos());
  }
}
