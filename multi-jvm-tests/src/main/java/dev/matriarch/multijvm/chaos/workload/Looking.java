package dev.matriarch.multijvm.chaos.workload;

import dev.matriarch.multijvm.chaos.history.Kind;
import dev.matriarch.multijvm.chaos.history.Operation;
import dev.matriarch.multijvm.chaos.history.Value;
import java.util.Random;

/** Reads at one node: the counter, the accounts, and on a primary also registers. */
final class Looking implements Work {
  /**
   * The checkpointer lives from one recovery to the next: when a backend is killed the postmaster
   * stays, and starts all others anew.
   */
  private static final String LIFE =
      """
      (extract(epoch FROM coalesce(
        (SELECT max(backend_start) FROM pg_stat_activity WHERE backend_type = 'checkpointer'),
        pg_postmaster_start_time())) * 1000000)::bigint\
      """;

  private static final String COUNTER =
      "SELECT count, %s, %s, pg_is_in_recovery() FROM chaos_counter"
          .formatted(LIFE, Tables.TIMELINE);

  private final Registers.Pool pool;
  private final Random random;
  private boolean primary;
  private int turn;

  Looking(Registers.Pool pool, Random random) {
    this.pool = pool;
    this.random = random;
  }

  @Override
  public Request next() {
    turn++;
    if (turn % 4 == 0) {
      return Bank.balances();
    }
    return primary && turn % 2 == 0 ? Registers.read(pool.pick(random), false) : counter();
  }

  private static Request counter() {
    return new Request(
        new Kind.ReplicaRead(),
        Step.of(
            COUNTER,
            row ->
                new Value.Seen(row.getLong(1), row.getLong(2), row.getInt(3), row.getBoolean(4))));
  }

  @Override
  public void done(Operation operation) {
    if (operation.value().isEmpty()) {
      primary = false;
    } else if (operation.value().get() instanceof Value.Seen(_, _, _, var recovering)) {
      primary = !recovering;
    }
  }
}
