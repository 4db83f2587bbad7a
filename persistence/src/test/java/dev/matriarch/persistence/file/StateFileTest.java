package dev.matriarch.persistence.file;

import static dev.matriarch.persistence.Samples.ALPHA;
import static dev.matriarch.persistence.Samples.BETA;
import static dev.matriarch.persistence.Samples.SCOPE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.matriarch.persistence.Samples;
import dev.matriarch.protocol.election.StoreId;
import dev.matriarch.protocol.election.VoterState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class StateFileTest {
  @TempDir Path directory;
  private Path path = Path.of("");

  @BeforeEach
  void place() {
    path = directory.resolve("new/voter/state.json");
  }

  @Test
  void aMissingFileBeginsANewStoreThatIsOnDiskBeforeItIsTold() throws IOException {
    try (var file = open()) {
      var state = file.stored().state();
      assertThat(state)
          .isEqualTo(VoterState.fresh(ALPHA, state.store(), state.incarnation().number()));
      assertThat(state.store()).isNotEqualTo(StoreId.UNKNOWN);
      assertThat(Files.readString(path)).contains(state.store().value());
    }
  }

  @Test
  void everyNewStoreHasAnotherIdAndIncarnation() throws IOException {
    Stored first;
    try (var file = open()) {
      first = file.stored();
    }
    Files.move(path, path.resolveSibling("aside.json"));
    try (var file = open()) {
      assertThat(file.stored().state().store()).isNotEqualTo(first.state().store());
      assertThat(file.stored().state().incarnation()).isNotEqualTo(first.state().incarnation());
    }
  }

  @Test
  void onlyTheAgentsUserMayReadTheFilesAndTheNewDirectories() throws IOException {
    open().close();
    assertThat(permissions(path)).isEqualTo("rw-------");
    assertThat(permissions(path.resolveSibling("state.json.lock"))).isEqualTo("rw-------");
    assertThat(permissions(directory.resolve("new/voter"))).isEqualTo("rwx------");
    assertThat(permissions(directory.resolve("new"))).isEqualTo("rwx------");
  }

  @Test
  void whatWasSavedIsThereAfterARestart() throws IOException {
    var saved = saveFull();
    try (var file = open()) {
      assertThat(file.stored()).isEqualTo(new Stored(2, saved));
    }
    assertThat(directory.resolve("new/voter/state.json.tmp")).doesNotExist();
  }

  @ParameterizedTest
  @EnumSource
  void aFailedStepIsTheLastWriteOfTheStore(FailingDisk.At at) throws IOException {
    try (var file = StateFile.open(new FailingDisk(at, 2), path, SCOPE, ALPHA)) {
      var state = file.stored().state();
      for (var attempt = 1; attempt <= 3; attempt++) {
        assertThatThrownBy(() -> file.save(2, Samples.promising(state, 1)))
            .isInstanceOf(IOException.class)
            .hasMessageContaining("cannot write " + path)
            .hasMessageContaining("Input/output error");
      }
      assertThat(file.stored()).isEqualTo(new Stored(1, state));
    }
    try (var file = open()) {
      var arrived = at == FailingDisk.At.FSYNC_DIRECTORY;
      assertThat(file.stored().revision()).isEqualTo(arrived ? 2 : 1);
      file.save(arrived ? 3 : 2, Samples.promising(file.stored().state(), 2));
    }
  }

  @Test
  void aPromiseIsNeverTakenBack() throws IOException {
    try (var file = open()) {
      var state = file.stored().state();
      file.save(2, Samples.promising(state, 5));
      assertThatThrownBy(() -> file.save(3, Samples.promising(state, 4)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("promise 5/beta");
      assertThatThrownBy(() -> file.save(3, Samples.promising(state, 6)))
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void anotherRevisionThanTheNextIsRefused() throws IOException {
    try (var file = open()) {
      var state = Samples.promising(file.stored().state(), 1);
      assertThatThrownBy(() -> file.save(1, state)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> file.save(3, state)).isInstanceOf(IllegalArgumentException.class);
      file.save(2, state);
    }
  }

  @Test
  void aFileOfAnotherNodeOrClusterIsRefusedAndLeftAlone() throws IOException {
    saveFull();
    var before = Files.readAllBytes(path);
    assertThatThrownBy(() -> StateFile.open(new FileDisk(), path, SCOPE, BETA))
        .isInstanceOf(UnusableFileException.class)
        .hasMessageContaining(path.toString())
        .hasMessageContaining("node 'alpha' of cluster 'demo', this is node 'beta'")
        .hasMessageContaining("move the file aside");
    assertThatThrownBy(() -> StateFile.open(new FileDisk(), path, "other", ALPHA))
        .isInstanceOf(UnusableFileException.class)
        .hasMessageContaining("of cluster 'other'");
    assertThat(path).hasBinaryContent(before);
  }

  @Test
  void everyFlippedBitIsRefusedAndTheFileLeftAlone() throws IOException {
    saveFull();
    var good = Files.readAllBytes(path);
    for (var bit = 0; bit < good.length * 8; bit += 7) {
      var bad = good.clone();
      bad[bit / 8] ^= (byte) (1 << bit % 8);
      refused(bad, "bit " + bit);
    }
  }

  @Test
  void everyTruncatedOrPaddedFileIsRefusedAndLeftAlone() throws IOException {
    saveFull();
    var good = Files.readAllBytes(path);
    // The last byte is the end of line, without which nothing is missing.
    for (var length = 0; length < good.length - 1; length += 5) {
      refused(Arrays.copyOf(good, length), "length " + length);
    }
    refused(Arrays.copyOf(good, good.length + 1), "zero behind it");
    refused(new byte[good.length], "zeros");
  }

  private void refused(byte[] bad, String what) throws IOException {
    Files.write(path, bad);
    assertThatThrownBy(this::open)
        .as(what)
        .isInstanceOf(UnusableFileException.class)
        .hasMessageContaining(path.toString())
        .hasMessageContaining("move the file aside");
    assertThat(path).as(what).hasBinaryContent(bad);
  }

  @Test
  void twoAgentsCannotUseOneFile() throws IOException {
    try (var first = open()) {
      for (var attempt = 1; attempt <= 2; attempt++) {
        assertThatThrownBy(this::open)
            .isInstanceOf(FileInUseException.class)
            .hasMessageContaining(path.toString())
            .hasMessageContaining("in use by another agent")
            .hasMessageContaining("stop that agent");
      }
      first.save(2, Samples.promising(first.stored().state(), 1));
    }
    open().close();
  }

  @Test
  void aDirectoryInPlaceOfTheFileIsAnErrorThatNamesIt() throws IOException {
    Files.createDirectories(path);
    assertThatThrownBy(this::open)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cannot use " + path);
    assertThat(path).isDirectory();
  }

  /** Through a store of its own, which gives the sample its store id. */
  private VoterState saveFull() throws IOException {
    try (var file = open()) {
      var full = Samples.full();
      var state =
          new VoterState(
              full.node(),
              file.stored().state().store(),
              full.promised(),
              full.accepted(),
              full.longestTtlMs(),
              full.incarnation(),
              full.reported(),
              true,
              Optional.empty());
      file.save(2, state);
      return state;
    }
  }

  private StateFile open() throws IOException {
    return StateFile.open(new FileDisk(), path, SCOPE, ALPHA);
  }

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
