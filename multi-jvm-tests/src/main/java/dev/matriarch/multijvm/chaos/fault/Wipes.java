package dev.matriarch.multijvm.chaos.fault;

import dev.matriarch.multijvm.JvmNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;

/** Hosts that lose what they have stored: all their processes are killed first. */
final class Wipes {
  private Wipes() {}

  static Struck wipe(Fault.Wipe fault, Host host) {
    var node = host.node();
    host.kill();
    var gone = new ArrayList<String>();
    if (fault.data()) {
      delete(node.dataDir());
      gone.add("data");
    }
    if (fault.votes()) {
      clear(node.stateDir());
      gone.add("votes");
    }
    return Struck.lasting(
        host, "%s of %s".formatted(String.join(" and ", gone), node), () -> Signals.start(node));
  }

  /** Copies that agents have moved aside, which nobody needs here. */
  static void tidy(JvmNode node) {
    try (var siblings = Files.list(node.folder())) {
      siblings
          .filter(it -> it.getFileName().toString().matches("data\\..*[.](replaced|failed)"))
          .toList()
          .forEach(Wipes::delete);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The folder stays: it may be where a file system is mounted. */
  private static void clear(Path folder) {
    try (var content = Files.list(folder)) {
      content.toList().forEach(Wipes::delete);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path tree) {
    if (!Files.exists(tree)) {
      return;
    }
    try (var paths = Files.walk(tree)) {
      for (var path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
