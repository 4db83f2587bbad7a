package dev.matriarch.config;

import dev.matriarch.protocol.model.Endpoint;
import dev.matriarch.protocol.model.NodeId;
import java.nio.file.Path;
import java.util.Optional;
import java.util.SortedMap;

/**
 * The agents among themselves.
 *
 * @param members all configured members, this one included, with the address of their transport
 * @param dataDir the agent's own files: voter state, guardian, password file; never inside the
 *     PostgreSQL data directory
 */
public record ClusterSettings(
    Endpoint listen,
    Endpoint connectAddress,
    SortedMap<NodeId, Endpoint> members,
    Path dataDir,
    Optional<Tls> tls) {

  /** PEM files; the key in PKCS#8. */
  public record Tls(Path certFile, Path keyFile, Path caFile) {}
}
