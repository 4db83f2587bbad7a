package dev.matriarch.multijvm.chaos.check;

import java.util.ArrayList;
import java.util.List;

/**
 * Whether one node at a time acknowledged: each timeline is one node's, and nothing was stored on
 * an older one after something had been stored on a newer one.
 */
final class OneWriterCheck {
  private OneWriterCheck() {}

  static List<Violation> of(Evidence evidence) {
    var violations = new ArrayList<Violation>();
    var reigns = Reign.of(evidence);
    for (var older : reigns) {
      for (var newer : reigns) {
        if (older.timeline() < newer.timeline()) {
          inOrder(older, newer, evidence.telling(), violations);
        } else if (older.timeline() == newer.timeline()
            && older.node().compareTo(newer.node()) < 0) {
          violations.add(
              new Violation(
                  Rule.ONE_WRITER,
                  "%s and %s both wrote on timeline %d:%s"
                      .formatted(
                          older.node(),
                          newer.node(),
                          older.timeline(),
                          evidence.telling().of(List.of(older.first(), newer.first())))));
        }
      }
    }
    return violations;
  }

  private static void inOrder(
      Reign older, Reign newer, Telling telling, List<Violation> violations) {
    var begin = newer.first();
    var end = older.last();
    if (begin.completed() < end.invoked()) {
      var late =
          older.acknowledged().stream().filter(it -> it.invoked() > begin.completed()).count();
      violations.add(
          new Violation(
              Rule.ONE_WRITER,
              "%s stored %d more on timeline %d, for %s, after %s had begun timeline %d:%s"
                  .formatted(
                      older.node(),
                      late,
                      older.timeline(),
                      Telling.millis(end.invoked() - begin.completed()),
                      newer.node(),
                      newer.timeline(),
                      telling.of(List.of(begin, end)))));
    }
  }
}
