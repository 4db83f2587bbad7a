package dev.matriarch.multijvm.bench;

import java.util.Optional;

/** What the figures should be, with default settings, on a machine where nothing else runs. */
final class Goals {
  /** Both in the figure's unit. */
  record Limit(double median, double worst) {
    static Limit both(double limit) {
      return new Limit(limit, limit);
    }

    boolean isMissedBy(Summary summary) {
      return summary.median() > median || summary.worst() > worst;
    }
  }

  private static final Optional<Limit> ZERO = Optional.of(Limit.both(0));
  private static final Optional<Limit> NONE = Optional.empty();

  private Goals() {}

  /** Empty: there is no goal, the figure is for information. */
  static Optional<Limit> of(Scenario scenario, Mode mode, Figure figure) {
    return switch (figure) {
      case NEW_PRIMARY -> newPrimary(scenario);
      case CLIENT_OUTAGE -> clientOutage(scenario);
      case WRITE_GAP -> scenario == Scenario.SWITCHOVER ? limit(300, 800) : NONE;
      case OLD_CUT_OFF -> limit(2500, 2500);
      case COMMIT_STALL -> commitStall(scenario, mode);
      case FIRST_REPLICA -> limit(500, 500);
      case DOUBLY_ACKNOWLEDGED, OVERLAP -> ZERO;
      case LOST -> mayLose(scenario, mode) ? NONE : ZERO;
      case FAIL_OVERS -> scenario == Scenario.POSTGRES_CRASH ? NONE : ZERO;
      case WRITER_OUTAGE, WHOLE, HEAL_GAP, ROWS, TRANSACTIONS -> NONE;
    };
  }

  private static Optional<Limit> newPrimary(Scenario scenario) {
    return switch (scenario) {
      case DEAD_HOST -> limit(900, 1800);
      case AGENT_AND_POSTGRES_KILLED -> limit(900, 900);
      case POSTGRES_CRASH -> limit(500, 500);
      case AGENT_KILLED, AGENT_FROZEN, PARTITION_TWO_WAY, PARTITION_ONE_WAY -> limit(1000, 1000);
      case SWITCHOVER, SYNC_STANDBY_DEAD, PGBENCH_SOAK -> NONE;
    };
  }

  private static Optional<Limit> clientOutage(Scenario scenario) {
    return switch (scenario) {
      case DEAD_HOST -> limit(1000, 1900);
      case SWITCHOVER -> limit(300, 800);
      case POSTGRES_CRASH,
          AGENT_AND_POSTGRES_KILLED,
          AGENT_KILLED,
          AGENT_FROZEN,
          PARTITION_TWO_WAY,
          PARTITION_ONE_WAY,
          SYNC_STANDBY_DEAD,
          PGBENCH_SOAK ->
          NONE;
    };
  }

  private static Optional<Limit> commitStall(Scenario scenario, Mode mode) {
    if (scenario != Scenario.SYNC_STANDBY_DEAD) {
      return NONE;
    }
    return switch (mode) {
      case QUORUM -> limit(200, 200);
      case ON -> limit(1200, 1200);
      case OFF -> NONE;
    };
  }

  /** An asynchronous primary may take its last rows along, unless it is asked to hand over. */
  private static boolean mayLose(Scenario scenario, Mode mode) {
    return !mode.isSynchronous()
        && scenario != Scenario.SWITCHOVER
        && scenario != Scenario.SYNC_STANDBY_DEAD
        && scenario != Scenario.PGBENCH_SOAK;
  }

  private static Optional<Limit> limit(double median, double worst) {
    return Optional.of(new Limit(median, worst));
  }
}
