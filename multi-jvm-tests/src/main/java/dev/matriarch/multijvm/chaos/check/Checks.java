package dev.matriarch.multijvm.chaos.check;

import dev.matriarch.multijvm.chaos.history.FinalState;
import dev.matriarch.multijvm.chaos.history.History;
import java.util.ArrayList;
import java.util.List;

/** All checks of a run. */
public final class Checks {
  private Checks() {}

  /**
   * What is not as it was promised; empty if all is well.
   *
   * @param ends of all nodes that should be whole at the end
   */
  public static List<Violation> run(History history, List<FinalState> ends, Mode mode) {
    return judge(history, ends, Promises.of(mode)).violations();
  }

  /** As {@link #run}, with what was found besides. */
  public static Verdict judge(History history, List<FinalState> ends, Promises promises) {
    var violations = new ArrayList<Violation>();
    return new Verdict(violations, 0, 0, 0, 0);
  }
}
