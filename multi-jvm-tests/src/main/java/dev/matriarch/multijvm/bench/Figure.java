package dev.matriarch.multijvm.bench;

import java.util.Comparator;
import java.util.Locale;

/** What is measured. Times are since the fault unless said otherwise. */
enum Figure {
  NEW_PRIMARY("new primary accepts writes", "ms"),
  CLIENT_OUTAGE("write outage of a client that tries all nodes", "ms"),
  WRITE_GAP("nobody's write acknowledged", "ms"),
  OLD_CUT_OFF("clients of the old primary cut off", "ms"),
  COMMIT_STALL("longest commit stall", "ms"),
  WRITER_OUTAGE("write outage of a writer that gives up after 1 s", "ms"),
  FIRST_REPLICA("first replica streams, since promotion", "ms"),
  DOUBLY_ACKNOWLEDGED("rows acknowledged while two nodes did", "rows"),
  OVERLAP("two nodes acknowledged", "ms"),
  LOST("acknowledged rows lost", "rows"),
  FAIL_OVERS("fail-overs", ""),
  WHOLE("whole again, since healing", "ms"),
  HEAL_GAP("nobody's write acknowledged while healing", "ms"),
  ROWS("rows acknowledged", "rows"),
  TRANSACTIONS("pgbench transactions", "1/s");

  private final String text;
  private final String unit;

  Figure(String text, String unit) {
    this.text = text;
    this.unit = unit;
  }

  String text() {
    return text;
  }

  String unit() {
    return unit;
  }

  /** The worst value is the last. */
  Comparator<Double> order() {
    return this == ROWS || this == TRANSACTIONS
        ? Comparator.reverseOrder()
        : Comparator.naturalOrder();
  }

  /** In JSON, with its unit if it is a time. */
  String key() {
    var name = name().toLowerCase(Locale.ROOT);
    return unit.equals("ms") ? name + "_ms" : name;
  }
}
