package dev.matriarch.deploy;

import java.nio.file.Path;

/** The agent as a process: starts it from its file and stays until it has stopped in order. */
final class Agent {
  private Agent() {}

  /**
   * Runs the agent in the foreground.
   *
   * @return the exit status of the process: 0 after an orderly stop, 1 when it could not run
   */
  static int run(Path file) {
    System.err.println("Error: no agent is wired into this build; cannot run " + file);
    return 1;
  }
}
