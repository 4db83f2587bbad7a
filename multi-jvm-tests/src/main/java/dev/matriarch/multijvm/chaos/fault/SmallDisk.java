package dev.matriarch.multijvm.chaos.fault;

import dev.matriarch.multijvm.JvmNode;
import dev.matriarch.multijvm.OsProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A file system of a node's own for all that it writes, small enough to be filled; what the voter
 * must not forget is on another one, as an installation would have it. Needs root and loop devices.
 */
public final class SmallDisk {
  /** For data of a hundred megabytes, a copy that was moved aside, and a new one. */
  private static final String SIZE = "800M";

  private final Path image;
  private final Path mount;
  private int freezes;

  private SmallDisk(Path image, Path mount) {
    this.image = image;
    this.mount = mount;
  }

  /**
   * Puts it under a node that has not been started yet.
   *
   * @throws IllegalStateException if this machine cannot
   */
  public static SmallDisk under(JvmNode node) {
    var mount = node.folder();
    var image = mount.resolveSibling(node.name() + ".img");
    require("truncate", "-s", SIZE, image.toString());
    require("mkfs.ext4", "-q", "-F", "-m", "0", image.toString());
    require("mount", "-o", "loop", image.toString(), mount.toString());
    var state = node.stateDir().toString();
    require("mkdir", state);
    require("mount", "-t", "tmpfs", "-o", "size=64M", "matriarch-state", state);
    require("chown", "postgres:postgres", mount.toString(), state);
    return new SmallDisk(image, mount);
  }

  private String ballast(int number) {
    return mount.resolve("ballast" + number).toString();
  }

  /** Takes all room there is: most of it at once, the rest bit by bit. */
  void fill() {
    OsProcess.run(List.of("fallocate", "-l", "" + mount.toFile().getUsableSpace(), ballast(1)));
    OsProcess.run(List.of("dd", "if=/dev/zero", "of=" + ballast(2), "bs=4k", "status=none"));
  }

  void makeRoom() {
    OsProcess.require(List.of("rm", "-f", ballast(1), ballast(2)));
  }

  /** Whoever writes waits. */
  public synchronized void freeze() {
    if (freezes++ == 0) {
      require("fsfreeze", "--freeze", mount.toString());
    }
  }

  public synchronized void thaw() {
    if (freezes > 0 && --freezes == 0) {
      require("fsfreeze", "--unfreeze", mount.toString());
    }
  }

  /** Lets processes that wait for it end. */
  public synchronized void thawForGood() {
    if (freezes > 0) {
      freezes = 0;
      OsProcess.run(List.of("fsfreeze", "--unfreeze", mount.toString()));
    }
  }

  /** Takes it away; nobody must use it any more. */
  public void remove() {
    OsProcess.run(List.of("umount", "--lazy", mount.resolve("state").toString()));
    OsProcess.run(List.of("umount", "--lazy", mount.toString()));
    try {
      Files.deleteIfExists(image);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void require(String... words) {
    OsProcess.require(List.of(words));
  }
}
