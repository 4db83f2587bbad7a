package dev.matriarch.protocol.ha;

import dev.matriarch.protocol.model.Lsn;
import java.util.Optional;

/**
 * A replication slot as PostgreSQL shows it (documentation, "pg_replication_slots").
 *
 * @param restartLsn the oldest log that it keeps; empty: it keeps none
 * @param lost the log that it should keep is gone; it is of no use any more
 * @param holdsXmin it keeps rows from being vacuumed
 */
public record ReplicationSlot(
    String name,
    boolean physical,
    boolean active,
    boolean temporary,
    Optional<Lsn> restartLsn,
    boolean lost,
    boolean holdsXmin) {}
