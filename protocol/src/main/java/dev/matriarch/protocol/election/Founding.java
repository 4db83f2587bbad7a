package dev.matriarch.protocol.election;

import dev.matriarch.protocol.model.Steady;
import java.util.Map;

/**
 * What the first record of a new cluster says.
 *
 * @param ttlMs length of the lease, milliseconds
 * @param config the dynamic configuration, in JSON's types
 */
public record Founding(long ttlMs, Map<String, Object> config) {
  public Founding {
    config = Steady.map(config);
  }
}
