package dev.matriarch.config;

import dev.matriarch.protocol.model.Endpoint;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * The local PostgreSQL, as the {@code postgresql} section of the file describes it.
 *
 * @param listenAddresses the value of PostgreSQL's {@code listen_addresses}, {@code
 *     "127.0.0.1,10.0.0.1"}
 * @param connectAddress published to the other members
 * @param binDir absent: the programs are looked up in PATH and in the usual places of packages
 * @param pgpass the password file that the agent writes for PostgreSQL's programs
 * @param rewind absent: the superuser rewinds
 * @param parameters local values of PostgreSQL parameters; override the dynamic ones
 * @param pgHba lines of {@code pg_hba.conf}; empty: the file is left alone, or for a new cluster a
 *     safe default is written
 * @param useUnixSocket without effect yet: all connections are by TCP
 * @param usePgRewind of this member; see {@link #rewinds}
 * @param basebackup further options of pg_basebackup, without the leading dashes; an empty value is
 *     a flag
 * @param pgCtlTimeout how long starting and stopping may take
 */
public record PostgresSettings(
    String listenAddresses,
    int port,
    Endpoint connectAddress,
    Path dataDir,
    Optional<Path> binDir,
    Path pgpass,
    Credentials superuser,
    Credentials replication,
    Optional<Credentials> rewind,
    boolean useUnixSocket,
    SortedMap<String, String> parameters,
    List<String> pgHba,
    List<String> pgIdent,
    Optional<Boolean> usePgRewind,
    SortedMap<String, String> basebackup,
    Duration pgCtlTimeout) {

  /** Whether diverged data are rewound, and not copied anew: the member's own file wins. */
  public boolean rewinds(DynamicSettings dynamic) {
    return usePgRewind.orElse(dynamic.usePgRewind());
  }

  /** A database role of the agent. The password never appears in logs. */
  public record Credentials(String username, Optional<String> password) {
    @Override
    public String toString() {
      return "Credentials[" + username + "]";
    }
  }
}
