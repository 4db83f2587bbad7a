package dev.matriarch.multijvm.chaos.workload;

import dev.matriarch.multijvm.chaos.history.Kind;
import dev.matriarch.multijvm.chaos.history.Operation;
import dev.matriarch.multijvm.chaos.history.Value;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/** Writes, reads, and compares and sets a few registers, and later a few others. */
final class Registers implements Work {
  private static final String WRITE =
      "UPDATE chaos_registers SET value = ? WHERE id = ? RETURNING %s".formatted(Stored.COLUMNS);

  /** Without an answer from a replica, which may be far behind. */
  private static final String READ =
      "SELECT value, %s FROM chaos_registers WHERE id = ? AND NOT pg_is_in_recovery()"
          .formatted(Tables.TIMELINE);

  /** The change of nothing has to be replicated as any other, and what it read before it. */
  private static final String CONFIRMED_READ =
      "UPDATE chaos_registers SET value = value WHERE id = ? RETURNING value, %s"
          .formatted(Tables.TIMELINE);

  private static final String CAS =
      """
      UPDATE chaos_registers SET value = CASE WHEN value = ? THEN ? ELSE value END
      WHERE id = ? RETURNING value, %s\
      """
          .formatted(Tables.TIMELINE);

  /**
   * What the clients share. Each register is used for a while only: that keeps few operations whose
   * outcome is unknown on each, and so keeps checking easy.
   */
  static final class Pool {
    private static final int AT_A_TIME = 4;
    private static final int USES = 60;

    private final AtomicLong uses = new AtomicLong();
    private final AtomicLong values = new AtomicLong();

    int pick(Random random) {
      var round = uses.getAndIncrement() / (AT_A_TIME * USES);
      return Math.toIntExact((round * AT_A_TIME + random.nextInt(AT_A_TIME)) % Tables.REGISTERS);
    }

    long value() {
      return values.incrementAndGet();
    }
  }

  private final Pool pool;
  private final Random random;
  private final Map<Integer, Long> seen = new HashMap<>();

  Registers(Pool pool, Random random) {
    this.pool = pool;
    this.random = random;
  }

  @Override
  public Request next() {
    var register = pool.pick(random);
    var dice = random.nextInt(100);
    if (dice < 30) {
      var value = pool.value();
      return new Request(
          new Kind.RegisterWrite(register, value), Step.of(WRITE, Stored::of, value, register));
    } else if (dice < 60) {
      var expected = seen.getOrDefault(register, 0L);
      var value = pool.value();
      return new Request(
          new Kind.RegisterCas(register, expected, value),
          Step.of(CAS, Registers::number, expected, value, register));
    }
    return read(register, dice < 85);
  }

  static Request read(int register, boolean confirmed) {
    return new Request(
        new Kind.RegisterRead(register, confirmed),
        Step.of(confirmed ? CONFIRMED_READ : READ, Registers::number, register));
  }

  private static Value number(ResultSet row) throws SQLException {
    return new Value.Held(row.getLong(1), row.getInt(2));
  }

  @Override
  public void done(Operation operation) {
    if (seen.size() > Pool.USES) {
      seen.clear();
    }
    switch (operation.kind()) {
      case Kind.RegisterWrite(var register, var value) -> seen.put(register, value);
      case Kind.RegisterRead(var register, _) -> learn(register, operation);
      case Kind.RegisterCas(var register, _, _) -> learn(register, operation);
      case Kind.Insert _, Kind.Increment _, Kind.Transfer _, Kind.Balances _, Kind.ReplicaRead _ ->
          throw new IllegalStateException("not of a register: " + operation);
    }
  }

  private void learn(int register, Operation operation) {
    if (operation.value().orElse(null) instanceof Value.Held(var number, _)) {
      seen.put(register, number);
    }
  }
}
