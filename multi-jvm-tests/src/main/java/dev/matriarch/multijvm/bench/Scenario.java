package dev.matriarch.multijvm.bench;

import static dev.matriarch.multijvm.bench.Figure.CLIENT_OUTAGE;
import static dev.matriarch.multijvm.bench.Figure.COMMIT_STALL;
import static dev.matriarch.multijvm.bench.Figure.DOUBLY_ACKNOWLEDGED;
import static dev.matriarch.multijvm.bench.Figure.FAIL_OVERS;
import static dev.matriarch.multijvm.bench.Figure.FIRST_REPLICA;
import static dev.matriarch.multijvm.bench.Figure.HEAL_GAP;
import static dev.matriarch.multijvm.bench.Figure.LOST;
import static dev.matriarch.multijvm.bench.Figure.NEW_PRIMARY;
import static dev.matriarch.multijvm.bench.Figure.OLD_CUT_OFF;
import static dev.matriarch.multijvm.bench.Figure.OVERLAP;
import static dev.matriarch.multijvm.bench.Figure.ROWS;
import static dev.matriarch.multijvm.bench.Figure.TRANSACTIONS;
import static dev.matriarch.multijvm.bench.Figure.WHOLE;
import static dev.matriarch.multijvm.bench.Figure.WRITER_OUTAGE;
import static dev.matriarch.multijvm.bench.Figure.WRITE_GAP;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** What happens to the cluster. */
enum Scenario {
  DEAD_HOST(Expect.SUCCESSOR, 3, "the primary's host: link down, then SIGKILL of everything"),
  POSTGRES_CRASH(Expect.PRIMARY, 3, "SIGKILL of the primary's postmaster, its agent lives"),
  AGENT_AND_POSTGRES_KILLED(
      Expect.SUCCESSOR, 3, "SIGKILL of agent, guardian and PostgreSQL; the host lives"),
  AGENT_KILLED(
      Expect.SUCCESSOR, 8, "SIGKILL of the primary's agent alone, with a writer that stays"),
  AGENT_FROZEN(Expect.SUCCESSOR, 8, "SIGSTOP of the primary's agent, with a writer that stays"),
  PARTITION_TWO_WAY(
      Expect.SUCCESSOR, 8, "the primary and the other nodes do not hear each other; clients do"),
  PARTITION_ONE_WAY(Expect.SUCCESSOR, 8, "the other nodes do not hear the primary, it hears them"),
  SWITCHOVER(Expect.SUCCESSOR, 3, "POST /switchover"),
  SYNC_STANDBY_DEAD(Expect.NOTHING, 10, "a synchronous standby's host: link down, then SIGKILL"),
  PGBENCH_SOAK(Expect.NOTHING, 0, "pgbench at full load; nothing must happen");

  /** What must come before the cluster is healed. */
  enum Expect {
    /** Another node is the primary. */
    SUCCESSOR,
    /** Any node is, over a new connection. */
    PRIMARY,
    NOTHING
  }

  private static final List<Figure> ALWAYS =
      List.of(DOUBLY_ACKNOWLEDGED, OVERLAP, LOST, WHOLE, HEAL_GAP, ROWS);

  private final Expect expect;
  private final int watchSeconds;
  private final String text;

  Scenario(Expect expect, int watchSeconds, String text) {
    this.expect = expect;
    this.watchSeconds = watchSeconds;
    this.text = text;
  }

  Expect expect() {
    return expect;
  }

  /** So long after the fault it is not healed, whatever has happened by then. */
  Duration watch() {
    return Duration.ofSeconds(watchSeconds);
  }

  String text() {
    return text;
  }

  /** As it is written on the command line. */
  String option() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static Optional<Scenario> of(String option) {
    return Stream.of(values()).filter(it -> it.option().equals(option)).findFirst();
  }

  /** Whether PostgreSQL of the old primary goes on, so that somebody must stop its clients. */
  boolean leavesOldPrimary() {
    return switch (this) {
      case AGENT_KILLED, AGENT_FROZEN, PARTITION_TWO_WAY, PARTITION_ONE_WAY -> true;
      case DEAD_HOST,
          POSTGRES_CRASH,
          AGENT_AND_POSTGRES_KILLED,
          SWITCHOVER,
          SYNC_STANDBY_DEAD,
          PGBENCH_SOAK ->
          false;
    };
  }

  boolean cutsNetwork() {
    return this == PARTITION_TWO_WAY || this == PARTITION_ONE_WAY;
  }

  /** What a run gives, in the order of the table. */
  List<Figure> figures() {
    var own =
        switch (this) {
          case DEAD_HOST, AGENT_AND_POSTGRES_KILLED, SWITCHOVER ->
              List.of(NEW_PRIMARY, CLIENT_OUTAGE, WRITE_GAP, FIRST_REPLICA);
          case POSTGRES_CRASH -> List.of(NEW_PRIMARY, CLIENT_OUTAGE, WRITE_GAP, FAIL_OVERS);
          case AGENT_KILLED, AGENT_FROZEN, PARTITION_TWO_WAY, PARTITION_ONE_WAY ->
              List.of(NEW_PRIMARY, CLIENT_OUTAGE, WRITE_GAP, OLD_CUT_OFF, FIRST_REPLICA);
          case SYNC_STANDBY_DEAD -> List.of(COMMIT_STALL, WRITER_OUTAGE, CLIENT_OUTAGE, FAIL_OVERS);
          case PGBENCH_SOAK -> List.of(FAIL_OVERS, COMMIT_STALL, TRANSACTIONS);
        };
    return Stream.concat(own.stream(), ALWAYS.stream().filter(this::isMeasured)).toList();
  }

  private boolean isMeasured(Figure figure) {
    return this != PGBENCH_SOAK || figure == LOST || figure == ROWS;
  }
}
