package dev.matriarch.actors;

import dev.matriarch.actors.postgres.MoveAside;
import dev.matriarch.actors.postgres.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Data that are of no more use here. They are kept. */
record Remains(Path dataDir) {
  private static final Logger LOG = LoggerFactory.getLogger(Remains.class);

  /**
   * Makes room.
   *
   * @param reason part of the new name
   */
  Outcome moveAside(String reason) {
    try {
      if (!NonEmpty.is(dataDir)) {
        return new Outcome.Done("nothing to move");
      }
      var moved = new MoveAside(dataDir).run(reason, LocalDateTime.now(ZoneId.systemDefault()));
      if (moved instanceof Outcome.Done(var where)) {
        LOG.warn("the old data are kept: {}", where);
      }
      return moved;
    } catch (IOException e) {
      return new Outcome.Failed("cannot read %s: %s".formatted(dataDir, e));
    }
  }
}
