package dev.matriarch.config;

import java.util.List;

/** What came of reading a file. */
public sealed interface SettingsResult {

  /**
   * The agent can start.
   *
   * @param warnings sentences for the operator; nothing in them keeps the agent from starting
   */
  record Loaded(AgentSettings settings, List<String> warnings) implements SettingsResult {
    public Loaded {
      warnings = List.copyOf(warnings);
    }
  }

  /**
   * The agent cannot start.
   *
   * @param problems all of them, never empty
   */
  record Invalid(List<Problem> problems) implements SettingsResult {
    public Invalid {
      problems = List.copyOf(problems);
    }
  }
}
