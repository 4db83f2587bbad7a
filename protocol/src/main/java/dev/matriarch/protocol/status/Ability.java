package dev.matriarch.protocol.status;

import dev.matriarch.protocol.model.Steady;
import java.util.Optional;
import java.util.Set;

/**
 * What a member says of its own fitness to lead.
 *
 * @param hindrances empty: none but what its tags, data and position say
 * @param fencedFor the ballot, {@code term/candidate}, for which it receives and writes no WAL
 * @param roomForWal the disk of its WAL was seen to have room for a good while; false as well: not
 *     known
 */
public record Ability(Set<Hindrance> hindrances, Optional<String> fencedFor, boolean roomForWal) {
  public static final Ability FREE = new Ability(Set.of(), Optional.empty(), true);

  public Ability {
    hindrances = Steady.set(hindrances);
  }
}
