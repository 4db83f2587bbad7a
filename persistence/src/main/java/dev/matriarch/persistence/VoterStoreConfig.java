package dev.matriarch.persistence;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.matriarch.protocol.model.NodeId;
import java.nio.file.Path;
import java.util.Map;

/** The part of an actor system's configuration that {@link VoterStore} needs. */
public final class VoterStoreConfig {
  static final String PATH = "matriarch.voter-store";

  private VoterStoreConfig() {}

  /**
   * To be used with the rest as fallback: {@code VoterStoreConfig.of(…).withFallback(rest)}.
   *
   * @param file where the state is; its directory is made if it is missing, and must be this
   *     agent's alone
   * @param scope name of the cluster
   */
  public static Config of(Path file, String scope, NodeId node) {
    return ConfigFactory.parseMap(
        Map.of(
            "pekko.persistence.state.plugin",
            PATH,
            PATH + ".file",
            file.toAbsolutePath().toString(),
            PATH + ".scope",
            scope,
            PATH + ".node",
            node.value()),
        "voter store of " + node);
  }
}
