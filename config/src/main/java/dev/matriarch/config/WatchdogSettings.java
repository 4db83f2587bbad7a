package dev.matriarch.config;

import java.nio.file.Path;
import java.time.Duration;

/**
 * The kernel's watchdog device: a last resort below the guardian. It is read and checked; no device
 * is opened yet.
 *
 * @param safetyMargin the device fires this long before the lease ends; negative: half of the ttl
 */
public record WatchdogSettings(Mode mode, Path device, Duration safetyMargin) {
  public enum Mode {
    OFF,
    AUTOMATIC,
    REQUIRED
  }
}
