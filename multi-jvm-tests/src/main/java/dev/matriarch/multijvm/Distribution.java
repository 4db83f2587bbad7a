package dev.matriarch.multijvm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** The distribution that the build has made, with an AOT cache as an installation has one. */
public final class Distribution {
  private static final Path DEPLOY =
      Path.of(System.getProperty("basedir", ""))
          .toAbsolutePath()
          .resolve("../deploy/target")
          .normalize();
  private static final Path PROGRAM = DEPLOY.resolve("matriarch/bin/matriarch");

  /** Where the AOT cache lies; the demo uses the same one. */
  static final Path CACHE = DEPLOY.resolve("cache");

  private static boolean prepared;

  private Distribution() {}

  /** The program, ready to run; the first call of a build makes the AOT cache. */
  public static synchronized Path program() {
    if (!Files.isExecutable(PROGRAM)) {
      throw new IllegalStateException(
          "no %s: run `mvn -DskipTests package -pl deploy -am` first".formatted(PROGRAM));
    }
    if (!prepared) {
      prepared = true;
      prepare();
    }
    return PROGRAM;
  }

  /** The configuration of HAProxy that comes with it, for nodes that nobody has. */
  static Path haproxyExample() {
    return DEPLOY.resolve("matriarch/haproxy/haproxy.cfg");
  }

  /** Without a cache the agents only start slower. */
  private static void prepare() {
    try {
      var builder = new ProcessBuilder(PROGRAM.toString(), "prepare").inheritIO();
      builder.environment().put("MATRIARCH_CACHE_DIR", CACHE.toString());
      var process = builder.start();
      if (!process.waitFor(3, TimeUnit.MINUTES)) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot run " + PROGRAM, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
