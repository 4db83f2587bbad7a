package dev.matriarch.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The launcher of the distribution with a Java that tells how it was called. The probe of a cache
 * ends with the status that the file {@code probe} says.
 */
final class LauncherTest {
  @TempDir private Path folder = Path.of("");

  /** What the launcher printed, the arguments of Java line by line, and the status. */
  private record Started(long pid, int status, List<String> out, String err) {
    boolean usesCache() {
      return out.stream().anyMatch(argument -> argument.startsWith("-XX:AOTCache="));
    }
  }

  @BeforeEach
  void install() throws IOException {
    var home = folder.resolve("home");
    Files.createDirectories(home.resolve("bin"));
    Files.createDirectories(home.resolve("lib"));
    Files.createDirectories(home.resolve("libexec"));
    Files.copy(Path.of("src/main/dist/bin/matriarch"), home.resolve("bin/matriarch"));
    Files.copy(Path.of("src/main/dist/libexec/prepare.sh"), home.resolve("libexec/prepare.sh"));
    Files.writeString(home.resolve("lib/matriarch-deploy-1.jar"), "jar");
    java("25.0.3");
    Files.createDirectories(folder.resolve("cache"));
    probeEndsWith(0);
  }

  private void java(String version) throws IOException {
    var java = Files.createDirectories(folder.resolve("jdk/bin")).resolve("java");
    Files.writeString(
        java,
        """
        #!/bin/bash
        for argument; do
          if [[ $argument == -XX:AOTMode=on ]]; then
            echo probe >>%1$s/probes
            exit "$(<%1$s/probe)"
          fi
        done
        printf '%%s\\n' "pid=$$" "ignored=$(grep SigIgn /proc/$$/status)" "$@"
        """
            .formatted(folder));
    Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.createDirectories(folder.resolve("jdk/lib"));
    Files.writeString(folder.resolve("jdk/lib/modules"), "modules");
    Files.writeString(folder.resolve("jdk/release"), "JAVA_VERSION=\"" + version + "\"\n");
  }

  private void probeEndsWith(int status) throws IOException {
    Files.writeString(folder.resolve("probe"), status + "\n");
  }

  private long probes() throws IOException {
    var file = folder.resolve("probes");
    return Files.exists(file) ? Files.readAllLines(file).size() : 0;
  }

  private Started launch(String... arguments) throws IOException, InterruptedException {
    return launchWith("", arguments);
  }

  private Started launchWith(String ownOptions, String... arguments)
      throws IOException, InterruptedException {
    var command = new ArrayList<>(List.of(folder.resolve("home/bin/matriarch").toString()));
    command.addAll(List.of(arguments));
    var err = folder.resolve("err");
    var builder = new ProcessBuilder(command).redirectError(err.toFile());
    builder.environment().put("MATRIARCH_JAVA_HOME", folder.resolve("jdk").toString());
    builder.environment().put("MATRIARCH_CACHE_DIR", folder.resolve("cache").toString());
    builder.environment().put("MATRIARCH_JAVA_OPTIONS", ownOptions);
    var process = builder.start();
    var out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Started(
        process.pid(), process.waitFor(), out.lines().toList(), Files.readString(err));
  }

  private Path makeCache() throws IOException, InterruptedException {
    var cache = Path.of(launch("prepare", "--where").out().getFirst());
    return Files.writeString(cache, "cache");
  }

  /** As if nothing had been started for a minute. */
  private void letAMinutePass() throws IOException {
    try (var files = Files.list(folder.resolve("cache"))) {
      for (var file : files.filter(it -> it.toString().contains(".started.")).toList()) {
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().minusSeconds(60)));
      }
    }
  }

  @Test
  void theAgentBecomesTheProcessOfTheLauncher() throws Exception {
    var started = launch("run", "a b.yml");

    assertThat(started.status()).isZero();
    assertThat(started.err()).isEmpty();
    assertThat(started.out()).contains("pid=" + started.pid());
    assertThat(started.out()).contains("-XX:+UseSerialGC", "-Xmx40m", "-XX:TieredStopAtLevel=1");
    assertThat(started.out().subList(started.out().size() - 2, started.out().size()))
        .containsExactly("run", "a b.yml");
    assertThat(started.usesCache()).isFalse();
  }

  /** Where this test itself has been told to outlive one, as by nohup, all others do too. */
  @Test
  void onlyTheAgentOutlivesAHangUp() throws Exception {
    var inherited = ignoresHangUp(Files.readAllLines(Path.of("/proc/self/status")), "SigIgn:");

    assertThat(ignoresHangUp(launch("run", "a.yml").out(), "ignored=")).isTrue();
    assertThat(ignoresHangUp(launch("list").out(), "ignored=")).isEqualTo(inherited);
  }

  private static boolean ignoresHangUp(List<String> lines, String field) {
    var mask =
        lines.stream()
            .filter(line -> line.startsWith(field))
            .map(line -> line.replaceAll(".*\\s", ""))
            .findFirst()
            .orElseThrow();
    return Long.parseUnsignedLong(mask, 16) % 2 == 1;
  }

  @Test
  void aCacheIsProbedOnceAndThenUsed() throws Exception {
    makeCache();

    assertThat(launch("run", "a.yml").usesCache()).isTrue();
    letAMinutePass();
    assertThat(launch("run", "a.yml").usesCache()).isTrue();
    assertThat(probes()).isEqualTo(1);
  }

  @Test
  void aCacheThatTheJvmRefusesIsNotUsed() throws Exception {
    makeCache();
    probeEndsWith(1);

    var started = launch("run", "a.yml");

    assertThat(started.usesCache()).isFalse();
    assertThat(started.status()).isZero();
    assertThat(started.err()).contains("this JVM refuses it (matriarch prepare makes a new one)");
  }

  @Test
  void aCacheThatChangedIsProbedAgain() throws Exception {
    var cache = makeCache();
    launch("run", "a.yml");
    letAMinutePass();
    Files.writeString(cache, "x", StandardOpenOption.APPEND);
    probeEndsWith(134);

    assertThat(launch("run", "a.yml").usesCache()).isFalse();
    assertThat(probes()).isEqualTo(2);
  }

  @Test
  void anAgentThatIsStartedAgainAtOnceRunsWithoutTheCacheOnce() throws Exception {
    makeCache();

    assertThat(launch("run", "a.yml").usesCache()).isTrue();
    assertThat(launch("run", "b.yml").usesCache()).isTrue();
    var again = launch("run", "a.yml");
    assertThat(again.usesCache()).isFalse();
    assertThat(again.err()).contains("now without, in case the cache is to blame");
    assertThat(launch("run", "a.yml").usesCache()).isTrue();
  }

  @Test
  void aShortCommandRunsWithoutTheCache() throws Exception {
    makeCache();

    assertThat(launch("list").usesCache()).isFalse();
    assertThat(probes()).isZero();
  }

  @Test
  void aCacheHoldsForOneJavaOneSetOfJarsAndOneSetOfFlags() throws Exception {
    var cache = makeCache();

    assertThat(launchWith("-Xmx128m", "prepare", "--where").out()).doesNotContain(cache.toString());
    assertThat(launchWith("-Xmx128m", "run", "a.yml").out()).contains("-Xmx128m");
    java("25.0.4");
    assertThat(launch("prepare", "--where").out()).doesNotContain(cache.toString());
    java("25.0.3");
    assertThat(launch("prepare", "--where").out()).isNotEmpty();
    Files.writeString(folder.resolve("home/lib/other.jar"), "jar");
    assertThat(launch("prepare", "--where").out()).doesNotContain(cache.toString());
  }

  @Test
  void anotherJavaThanTwentyFiveIsNotTaken() throws Exception {
    java("17.0.15");

    assertThat(launch("list").out()).doesNotContain("list");
  }

  @Test
  void aDistributionWithoutItsJarSaysWhatToDo() throws Exception {
    Files.delete(folder.resolve("home/lib/matriarch-deploy-1.jar"));

    var started = launch("list");

    assertThat(started.status()).isEqualTo(1);
    assertThat(started.err()).contains("build or unpack the distribution again");
  }
}
