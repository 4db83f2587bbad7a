package dev.matriarch.persistence.plugin;

import com.typesafe.config.Config;
import dev.matriarch.persistence.file.FailingDisk;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Semaphore;
import org.apache.pekko.actor.ExtendedActorSystem;

/** The real store on a disk that hangs when the file is opened, until {@link #RELEASED}. */
public final class HangingDiskProvider extends FileDurableStateStoreProvider {
  /** A permit lets one opening go on. */
  public static final Semaphore RELEASED = new Semaphore(0);

  public HangingDiskProvider(ExtendedActorSystem system, Config config, String configPath) {
    super(system, config, new HangingDisk());
  }

  private static final class HangingDisk extends FailingDisk {
    private HangingDisk() {
      super(At.CREATE, Integer.MAX_VALUE);
    }

    @Override
    public Closeable lock(Path file) throws IOException {
      RELEASED.acquireUninterruptibly();
      return super.lock(file);
    }
  }
}
