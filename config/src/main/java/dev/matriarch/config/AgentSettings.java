package dev.matriarch.config;

import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Tags;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that one agent's file says.
 *
 * @param scope the cluster's name
 * @param postgresql absent on a witness: a voter without PostgreSQL
 * @param bootstrap used once, by the node that makes the cluster
 * @param unused paths of keys that are accepted and have no effect, {@code etcd3}, and why
 */
public record AgentSettings(
    NodeId name,
    String scope,
    ClusterSettings cluster,
    RestApiSettings restApi,
    Optional<PostgresSettings> postgresql,
    BootstrapSettings bootstrap,
    Tags tags,
    WatchdogSettings watchdog,
    LogSettings log,
    Map<String, String> unused) {}
