package dev.matriarch.protocol.status;

import java.time.Duration;
import java.util.Optional;

/**
 * How commits fare on this node's primary.
 *
 * @param failingFor for how long none has succeeded although they were tried; zero: all is well, or
 *     nothing is tried here
 * @param trouble what is wrong, for people
 */
public record WritePathStatus(Duration failingFor, Optional<String> trouble) {
  public static final WritePathStatus WELL = new WritePathStatus(Duration.ZERO, Optional.empty());
}
