package dev.matriarch.multijvm.chaos.fault;

import dev.matriarch.multijvm.Await;
import dev.matriarch.multijvm.JvmNode;
import dev.matriarch.multijvm.OsProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A file system of a node's own for all that it writes, small enough to be filled; what the voter
 * must not forget is on another one, as an installation would have it. Needs root and loop devices.
 *
 * <p>It is the one partition of its device. Where that ends early nothing can be read or written
 * any more, and the block layer says so to whoever tries.
 */
public final class SmallDisk {
  /** For data of a hundred megabytes, a copy that was moved aside, and a new one. */
  private static final String SIZE = "800M";

  /** Less than the file system's first block. */
  private static final String NOTHING = "1";

  private static final Duration UNMOUNTING = Duration.ofSeconds(10);

  private final Path image;
  private final Path mount;
  private final String device;
  private final String sectors;
  private int freezes;
  private boolean broken;

  private SmallDisk(Path image, Path mount, String device, String sectors) {
    this.image = image;
    this.mount = mount;
    this.device = device;
    this.sectors = sectors;
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
    var device = require("losetup", "--find", "--partscan", "--show", image.toString()).strip();
    var disk = new SmallDisk(image, mount, device, require("blockdev", "--getsz", device).strip());
    try {
      require("addpart", device, "1", "0", disk.sectors);
      require("mkfs.ext4", "-q", "-F", "-m", "0", disk.partition());
      // What is mounted in it later, or not any more, is so in the namespaces of all nodes.
      require("mount", "--bind", mount.toString(), mount.toString());
      require("mount", "--make-shared", mount.toString());
      disk.attach();
      require("chown", "postgres:postgres", mount.toString(), disk.state());
      return disk;
    } catch (IllegalStateException e) {
      disk.remove();
      throw e;
    }
  }

  private String partition() {
    return device + "p1";
  }

  private String state() {
    return mount.resolve("state").toString();
  }

  private void attach() {
    require("mount", partition(), mount.toString());
    require("mkdir", "-p", state());
    require("mount", "-t", "tmpfs", "-o", "size=64M", "matriarch-state", state());
  }

  private String ballast(int number) {
    return mount.resolve("ballast" + number).toString();
  }

  /** Takes all room there is, once more too: most of it at once, the rest bit by bit. */
  public void fill() {
    OsProcess.run(List.of("fallocate", "-l", "" + mount.toFile().getUsableSpace(), ballast(1)));
    var rest = "of=" + ballast(2);
    OsProcess.run(
        List.of(
            "dd", "if=/dev/zero", rest, "bs=4k", "oflag=append", "conv=notrunc", "status=none"));
  }

  /** Takes back what {@link #fill} has taken. */
  public void makeRoom() {
    // Of a broken disk it goes when that is repaired.
    OsProcess.run(List.of("rm", "-f", ballast(1), ballast(2)));
  }

  /** Whoever writes waits. */
  public synchronized void freeze() {
    if (!broken && freezes++ == 0) {
      require("fsfreeze", "--freeze", mount.toString());
    }
  }

  public synchronized void thaw() {
    if (freezes > 0 && --freezes == 0) {
      require("fsfreeze", "--unfreeze", mount.toString());
    }
  }

  /** Whoever reads what is not in memory, or writes, gets an I/O error. */
  synchronized void breakDown() {
    broken = true;
    // One that is frozen would wait for ever for what it cannot write.
    thawForGood();
    require("resizepart", device, "1", NOTHING);
  }

  /**
   * Gives it back with what it had got until it broke. A file system with errors has to be mounted
   * anew for that: nobody must use it.
   */
  synchronized void repair() {
    var kept = mount.resolveSibling(mount.getFileName() + ".state").toString();
    require("resizepart", device, "1", sectors);
    require("cp", "-a", state(), kept);
    for (var folder : List.of(state(), mount.toString())) {
      Await.until("the end of the use of " + folder, UNMOUNTING, () -> unmounted(folder));
    }
    attach();
    require("cp", "-a", kept + "/.", state());
    require("rm", "-rf", kept);
    makeRoom();
    broken = false;
  }

  private static boolean unmounted(String folder) {
    return OsProcess.run(List.of("umount", folder)).isEmpty();
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
    // The disk, and the folder that it is mounted in.
    for (var folder : List.of(state(), mount.toString(), mount.toString())) {
      OsProcess.run(List.of("umount", "--lazy", folder));
    }
    OsProcess.run(List.of("losetup", "--detach", device));
    try {
      Files.deleteIfExists(image);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String require(String... words) {
    return OsProcess.require(List.of(words));
  }
}
