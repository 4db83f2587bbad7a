package dev.matriarch.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.config.SettingsResult.Invalid;
import dev.matriarch.config.SettingsResult.Loaded;
import java.nio.file.Path;
import java.util.List;

/** Loads what a test expects to be good, or bad. */
final class Loading {
  private Loading() {}

  static AgentSettings good(String file) {
    return loaded(SettingsLoader.load(Path.of("src/test/resources/good", file))).settings();
  }

  static Loaded loaded(SettingsResult result) {
    assertThat(result).isInstanceOf(Loaded.class);
    return (Loaded) result;
  }

  static List<Problem> problems(String yaml) {
    var result = SettingsLoader.parse(yaml);
    assertThat(result).isInstanceOf(Invalid.class);
    return ((Invalid) result).problems();
  }
}
