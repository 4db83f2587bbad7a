package dev.matriarch.multijvm.chaos.check;

/** What must be so. */
public enum Rule {
  ACKNOWLEDGED_IS_KEPT("what was acknowledged is there at the end"),
  FAILED_IS_ABSENT("what failed for certain is not there"),
  NOTHING_INVENTED("what is there was written by somebody"),
  REGISTERS_LINEARIZABLE("each register is linearizable"),
  REGISTERS_DECIDED("whether a register is linearizable can be decided"),
  COUNTER_COUNTS("each increment of the counter counts once, in order"),
  BALANCES_CONSTANT("all money together stays the same, and no account is overdrawn"),
  ONE_WRITER("one node at a time acknowledges"),
  READS_ADVANCE("one server never goes back in time"),
  OLD_PRIMARY_FALLS_SILENT("a primary that was replaced is not read for long"),
  NODES_AGREE("all nodes have the same at the end");

  private final String sentence;

  Rule(String sentence) {
    this.sentence = sentence;
  }

  public String sentence() {
    return sentence;
  }
}
