package dev.matriarch.persistence.plugin;

import com.typesafe.config.Config;
import dev.matriarch.persistence.file.FailingDisk;
import org.apache.pekko.actor.ExtendedActorSystem;

/** The real store on a disk that fails once, at {@code fail-at} of the second write. */
public final class FailingDiskProvider extends FileDurableStateStoreProvider {
  public FailingDiskProvider(ExtendedActorSystem system, Config config, String configPath) {
    super(system, config, new FailingDisk(config.getEnum(FailingDisk.At.class, "fail-at"), 2));
  }
}
