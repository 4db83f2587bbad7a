package dev.matriarch.actors.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SyncVersionsTest {
  @ParameterizedTest
  @ValueSource(ints = {150013, 150020, 160009, 170005, 180000, 190001})
  void serversThatWaitFromTheStartMayBeUsed(int version) {
    assertThat(SyncVersions.problem(version)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {140018, 150012, 160008, 160000, 170004, 90624})
  void olderOnesMayNotAndTheTextSaysWhatToDo(int version) {
    assertThat(SyncVersions.problem(version))
        .hasValueSatisfying(
            it -> assertThat(it).contains("15.13, 16.9, 17.5").contains("synchronous_mode"));
  }
}
