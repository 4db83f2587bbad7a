package dev.matriarch.config;

import java.nio.file.Path;
import java.time.Duration;

/**
 * The kernel's watchdog device: a last resort below the guardian.
 *
 * @param safetyMargin the device fires this long before the lease ends; negative: half of the ttl
 * @param testing a file or pipe stands in for the device
 */
public record WatchdogSettings(Mode mode, Path device, Duration safetyMargin, boolean testing) {
  public enum Mode {
    OFF,
    AUTOMATIC,
    REQUIRED
  }
}
