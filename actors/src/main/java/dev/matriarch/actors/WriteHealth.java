package dev.matriarch.actors;

import dev.matriarch.protocol.ha.WritePathRules.Verdict;
import dev.matriarch.protocol.status.WritePathStatus;

/**
 * How the commits of the local primary fare.
 *
 * @param verdict what is to be done about it
 * @param roomForWal whether there is room for WAL for a good while, as far as it was looked
 * @param fullDisk whether there is hardly any room for WAL left, as far as it was looked
 */
record WriteHealth(Verdict verdict, WritePathStatus status, boolean roomForWal, boolean fullDisk) {
  static final WriteHealth UNKNOWN =
      new WriteHealth(new Verdict.Fine(), WritePathStatus.WELL, false, false);
}
