package dev.matriarch.protocol.status;

import dev.matriarch.protocol.model.Lsn;
import java.util.Optional;

/** One WAL sender (PostgreSQL documentation, "pg_stat_replication"). */
public record ReplicationRow(
    String username,
    String applicationName,
    Optional<String> clientAddress,
    String state,
    String syncState,
    int syncPriority,
    Optional<Lsn> flushed) {}
