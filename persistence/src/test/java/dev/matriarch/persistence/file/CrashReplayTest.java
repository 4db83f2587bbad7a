package dev.matriarch.persistence.file;

import static dev.matriarch.persistence.Samples.ALPHA;
import static dev.matriarch.persistence.Samples.SCOPE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.matriarch.persistence.Samples;
import dev.matriarch.persistence.file.RecordingDisk.Step;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** Power failures after every prefix of the steps, with everything they may leave. */
final class CrashReplayTest {
  private static final Path FILE = Path.of("/voter/state.json");
  private static final Path TEMPORARY = Path.of("/voter/state.json.tmp");
  private static final List<String> CONTENTS = List.of("one", "the second, longer", "3", "");

  @Test
  void everyPrefixOfTheStepsLeavesTheOldOrTheNewContent() throws IOException {
    var steps = replacements();

    assertThat(surprises(steps)).isEmpty();
    assertThat(steps)
        .extracting(it -> it.getClass().getSimpleName())
        .startsWith("Create", "Write", "Fsync", "Rename", "FsyncDirectory", "Acknowledged");
  }

  @Test
  void theReplayNoticesAMissingFsyncOfTheContent() throws IOException {
    assertThat(surprises(without(Step.Fsync.class::isInstance))).contains("the second, l");
  }

  @Test
  void theReplayNoticesAMissingFsyncOfTheDirectory() throws IOException {
    assertThat(surprises(without(Step.FsyncDirectory.class::isInstance))).contains("one");
  }

  @Test
  void whatACrashLeftOverIsIgnoredAndRemoved() throws IOException {
    var disk = new RecordingDisk(Map.of(FILE, utf8("good"), TEMPORARY, utf8("half wri")));
    var file = new AtomicFile(disk, FILE);

    assertThat(file.read()).contains(utf8("good"));
    file.removeLeftOver();
    file.replace(utf8("better"));

    assertThat(disk.read(TEMPORARY)).isEmpty();
    assertThat(disk.read(FILE)).contains(utf8("better"));
  }

  @Test
  void aStoreOpenedAfterAnyCrashKeepsWhatItTellsThroughTheNextCrash() throws IOException {
    var disk = new RecordingDisk(Map.of());
    saveThree(disk);
    var steps = disk.steps();
    var seen = new HashSet<Long>();
    for (var length = 0; length <= steps.size(); length++) {
      var prefix = steps.subList(0, length);
      var durable = acknowledged(prefix);
      for (var crashed : CrashedDisks.after(Map.of(), prefix, 97)) {
        var told = openAndCrash(crashed);
        seen.add(told);
        assertThat(told).as("after %s", prefix).isBetween(durable, durable + 1);
      }
    }
    assertThat(seen).containsExactlyInAnyOrder(0L, 1L, 2L, 3L);
  }

  /** Memory still shows what may not be durable when the process dies alone. */
  @Test
  void aStoreOpenedAfterAnyKillKeepsWhatItTellsThroughThePowerFailureThatFollows()
      throws IOException {
    var complete = new RecordingDisk(Map.of());
    saveThree(complete);
    for (var length = 0; length < complete.steps().size(); length++) {
      var disk = new RecordingDisk(Map.of());
      disk.killAfter(length);
      assertThatThrownBy(() -> saveThree(disk)).isInstanceOf(IOException.class);
      disk.restart();
      try (var file = StateFile.open(disk, FILE, SCOPE, ALPHA)) {
        for (var crashed : CrashedDisks.after(Map.of(), disk.steps(), 97)) {
          try (var again = StateFile.open(new RecordingDisk(crashed), FILE, SCOPE, ALPHA)) {
            assertThat(again.stored()).as("killed after %d", length).isEqualTo(file.stored());
          }
        }
      }
    }
  }

  private static void saveThree(RecordingDisk disk) throws IOException {
    disk.acknowledged("none");
    try (var file = StateFile.open(disk, FILE, SCOPE, ALPHA)) {
      disk.acknowledged("0");
      for (var term = 1; term <= 3; term++) {
        file.save(term + 1, Samples.promising(file.stored().state(), term));
        disk.acknowledged(Integer.toString(term));
      }
    }
  }

  /** The term told by a store on this disk, after it was seen to outlive another crash. */
  private static long openAndCrash(Map<Path, byte[]> crashed) throws IOException {
    var disk = new RecordingDisk(crashed);
    try (var file = StateFile.open(disk, FILE, SCOPE, ALPHA)) {
      var told = file.stored();
      for (var again : CrashedDisks.after(crashed, disk.steps(), 97)) {
        try (var reopened = StateFile.open(new RecordingDisk(again), FILE, SCOPE, ALPHA)) {
          assertThat(reopened.stored()).isEqualTo(told);
        }
      }
      return told.state().promised().term();
    }
  }

  private static long acknowledged(List<Step> prefix) {
    return prefix.stream()
        .filter(Step.Acknowledged.class::isInstance)
        .map(it -> ((Step.Acknowledged) it).content())
        .filter(it -> !it.equals("none"))
        .mapToLong(Long::parseLong)
        .max()
        .orElse(0);
  }

  private static List<Step> replacements() throws IOException {
    var disk = new RecordingDisk(Map.of());
    var file = new AtomicFile(disk, FILE);
    for (var content : CONTENTS) {
      file.replace(utf8(content));
      disk.acknowledged(content);
    }
    return disk.steps();
  }

  private static List<Step> without(Predicate<Step> left) throws IOException {
    return replacements().stream().filter(left.negate()).toList();
  }

  /** What some crash leaves although it is neither the acknowledged content nor the next. */
  private static Set<String> surprises(List<Step> steps) throws IOException {
    var surprises = new HashSet<String>();
    Optional<String> durable = Optional.empty();
    var next = 0;
    for (var length = 0; length <= steps.size(); length++) {
      if (length > 0 && steps.get(length - 1) instanceof Step.Acknowledged(var content)) {
        durable = Optional.of(content);
        next++;
      }
      var allowed = new ArrayList<Optional<String>>(List.of(durable));
      if (next < CONTENTS.size()) {
        allowed.add(Optional.of(CONTENTS.get(next)));
      }
      for (var crashed : CrashedDisks.after(Map.of(), steps.subList(0, length), 1)) {
        var found =
            new AtomicFile(new RecordingDisk(crashed), FILE)
                .read()
                .map(it -> new String(it, StandardCharsets.UTF_8));
        if (!allowed.contains(found)) {
          surprises.add(found.orElse("nothing"));
        }
      }
    }
    return surprises;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
