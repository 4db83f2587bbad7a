package dev.matriarch.persistence.plugin;

import com.typesafe.config.Config;
import dev.matriarch.persistence.file.Disk;
import dev.matriarch.persistence.file.FileDisk;
import dev.matriarch.persistence.file.StateFile;
import dev.matriarch.protocol.model.NodeId;
import java.nio.file.Path;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.persistence.state.DurableStateStoreProvider;
import org.apache.pekko.persistence.state.scaladsl.DurableStateStore;

/**
 * Pekko's way to the voter's file; Pekko makes one for an actor system, from the configuration. The
 * file is opened with the first question, and closed with the actor system.
 */
public class FileDurableStateStoreProvider implements DurableStateStoreProvider {
  private final FileDurableStateStore store;

  /** Called by Pekko. */
  public FileDurableStateStoreProvider(
      ExtendedActorSystem system, Config config, String configPath) {
    this(system, config, new FileDisk());
  }

  FileDurableStateStoreProvider(ExtendedActorSystem system, Config config, Disk disk) {
    var file = Path.of(config.getString("file"));
    var scope = config.getString("scope");
    var node = new NodeId(config.getString("node"));
    store =
        new FileDurableStateStore(
            config.getString("persistence-id"), () -> StateFile.open(disk, file, scope, node));
    system.registerOnTermination((Runnable) store::close);
  }

  @Override
  public DurableStateStore<Object> scaladslDurableStateStore() {
    return new ScalaStore(store);
  }

  @Override
  public org.apache.pekko.persistence.state.javadsl.DurableStateStore<Object>
      javadslDurableStateStore() {
    return store;
  }
}
