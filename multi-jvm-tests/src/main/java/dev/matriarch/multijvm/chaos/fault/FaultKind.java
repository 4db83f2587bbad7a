package dev.matriarch.multijvm.chaos.fault;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** All that can be drawn: the fault, whom it may meet, and how long it may last. */
@SuppressWarnings("ImmutableEnumChecker") // A fault is a record of enums.
public enum FaultKind {
  AGENT_KILLED(signal(Fault.Victim.AGENT, Fault.Name.KILL), Aim.ANY, 1, 15),
  AGENT_FROZEN(signal(Fault.Victim.AGENT, Fault.Name.STOP), Aim.ANY, 1, 15),
  AGENT_STOPPED(signal(Fault.Victim.AGENT, Fault.Name.TERM), Aim.ANY, 2, 10),
  GUARDIAN_KILLED(signal(Fault.Victim.GUARDIAN, Fault.Name.KILL), Aim.ANY, 1, 8),
  GUARDIAN_FROZEN(signal(Fault.Victim.GUARDIAN, Fault.Name.STOP), Aim.ANY, 1, 12),
  GUARDIAN_TERMINATED(signal(Fault.Victim.GUARDIAN, Fault.Name.TERM), Aim.ANY, 1, 4),
  POSTMASTER_KILLED(signal(Fault.Victim.POSTMASTER, Fault.Name.KILL), Aim.ANY, 2, 8),
  POSTMASTER_FROZEN(signal(Fault.Victim.POSTMASTER, Fault.Name.STOP), Aim.ANY, 2, 25),
  POSTMASTER_TERMINATED(signal(Fault.Victim.POSTMASTER, Fault.Name.TERM), Aim.ANY, 2, 15),
  POSTMASTER_INTERRUPTED(signal(Fault.Victim.POSTMASTER, Fault.Name.INT), Aim.ANY, 2, 8),
  BACKEND_KILLED(signal(Fault.Victim.BACKEND, Fault.Name.KILL), Aim.ANY, 1, 6),
  BACKEND_FROZEN(signal(Fault.Victim.BACKEND, Fault.Name.STOP), Aim.ANY, 1, 12),
  BACKEND_TERMINATED(signal(Fault.Victim.BACKEND, Fault.Name.TERM), Aim.ANY, 1, 4),
  WAL_RECEIVER_KILLED(signal(Fault.Victim.WAL_RECEIVER, Fault.Name.KILL), Aim.STANDBY, 1, 6),
  WAL_RECEIVER_FROZEN(signal(Fault.Victim.WAL_RECEIVER, Fault.Name.STOP), Aim.STANDBY, 1, 15),
  WAL_RECEIVER_TERMINATED(signal(Fault.Victim.WAL_RECEIVER, Fault.Name.TERM), Aim.STANDBY, 1, 4),
  WAL_SENDER_FROZEN(signal(Fault.Victim.WAL_SENDER, Fault.Name.STOP), Aim.PRIMARY, 1, 15),
  HOST_KILLED(signal(Fault.Victim.HOST, Fault.Name.KILL), Aim.ANY, 1, 12),
  HOST_FROZEN(signal(Fault.Victim.HOST, Fault.Name.STOP), Aim.ANY, 2, 20),
  POWER_LOSS(new Fault.PowerLoss(), Aim.ANY, 2, 15),
  ALL_KILLED(new Fault.Everywhere(Fault.Everyone.KILLED), Aim.ALL, 1, 5),
  ALL_STOPPED(new Fault.Everywhere(Fault.Everyone.STOPPED), Aim.ALL, 3, 8),
  ALL_AGENTS_KILLED(new Fault.Everywhere(Fault.Everyone.AGENTS_KILLED), Aim.ALL, 1, 8),
  LINK_DOWN(new Fault.Links(Fault.Shape.CABLE), Aim.ANY, 1, 15),
  LINK_FLAPPING(new Fault.Links(Fault.Shape.FLAPPING), Aim.ANY, 5, 15),
  LINK_LOSSY(new Fault.Links(Fault.Shape.LOSSY), Aim.ANY, 3, 15),
  MUTE(new Fault.Links(Fault.Shape.MUTE), Aim.ANY, 1, 15),
  DEAF(new Fault.Links(Fault.Shape.DEAF), Aim.ANY, 1, 15),
  ISOLATED(new Fault.Links(Fault.Shape.ISOLATED), Aim.ANY, 1, 15),
  BRIDGE(new Fault.Links(Fault.Shape.BRIDGE), Aim.ANY, 3, 15),
  RING(new Fault.Links(Fault.Shape.RING), Aim.ALL, 3, 15),
  SHATTERED(new Fault.Links(Fault.Shape.SHATTERED), Aim.ALL, 2, 10),
  DISK_FULL(new Fault.Disk(Fault.Trouble.FULL), Aim.ANY, 3, 15),
  DISK_HANGING(new Fault.Disk(Fault.Trouble.HANGING), Aim.ANY, 2, 25),
  DISK_SLOW(new Fault.Disk(Fault.Trouble.SLOW), Aim.ANY, 3, 15),
  DISK_BROKEN(new Fault.Disk(Fault.Trouble.BROKEN), Aim.ANY, 3, 15),
  CLOCK_FORWARD(new Fault.Clock(Fault.Jump.FORWARD), Aim.ANY, 3, 10),
  CLOCK_BACK(new Fault.Clock(Fault.Jump.BACK), Aim.ANY, 3, 10),
  DATA_WIPED(new Fault.Wipe(true, false), Aim.ANY, 1, 6),
  VOTES_WIPED(new Fault.Wipe(false, true), Aim.ANY, 1, 6),
  HOST_REPLACED(new Fault.Wipe(true, true), Aim.ANY, 1, 6),
  SWITCHOVER(new Fault.Request(Fault.Order.SWITCHOVER), Aim.PRIMARY, 1, 4),
  FAILOVER(new Fault.Request(Fault.Order.FAILOVER), Aim.STANDBY, 1, 4),
  RESTART(new Fault.Request(Fault.Order.RESTART), Aim.ANY, 1, 4),
  RELOAD(new Fault.Request(Fault.Order.RELOAD), Aim.ANY, 1, 2),
  CONFIGURE(new Fault.Request(Fault.Order.CONFIGURE), Aim.ANY, 1, 3);

  /** Whom a kind may meet. */
  public enum Aim {
    ANY,
    PRIMARY,
    STANDBY,
    ALL
  }

  private final Fault fault;
  private final Aim aim;
  private final int leastSeconds;
  private final int mostSeconds;

  FaultKind(Fault fault, Aim aim, int leastSeconds, int mostSeconds) {
    this.fault = fault;
    this.aim = aim;
    this.leastSeconds = leastSeconds;
    this.mostSeconds = mostSeconds;
  }

  private static Fault signal(Fault.Victim victim, Fault.Name name) {
    return new Fault.Signal(victim, name);
  }

  public Fault fault() {
    return fault;
  }

  public Aim aim() {
    return aim;
  }

  Duration shortest() {
    return Duration.ofSeconds(leastSeconds);
  }

  Duration longest() {
    return Duration.ofSeconds(mostSeconds);
  }

  /**
   * Whether nothing else may happen meanwhile: a member that has lost what it stored is one of
   * those whose loss a cluster survives, and another that is away might be the one too many.
   */
  public boolean isAlone() {
    return fault instanceof Fault.Wipe;
  }

  /** Whether the other nodes are a majority that hears each other, and so must go on. */
  public boolean leavesMajority() {
    return switch (fault) {
      case Fault.Everywhere _ -> false;
      case Fault.Links(var shape) -> shape != Fault.Shape.SHATTERED && shape != Fault.Shape.RING;
      case Fault.Signal _,
          Fault.PowerLoss _,
          Fault.Disk _,
          Fault.Clock _,
          Fault.Wipe _,
          Fault.Request _ ->
          true;
    };
  }

  /** Whether it is nothing to a host that only votes. */
  public boolean needsPostgres() {
    return switch (fault) {
      case Fault.Signal(var victim, _) ->
          victim != Fault.Victim.AGENT && victim != Fault.Victim.HOST;
      case Fault.Disk _ -> true;
      case Fault.Wipe(_, var votes) -> !votes;
      case Fault.Request(var order) ->
          order == Fault.Order.FAILOVER || order == Fault.Order.RESTART;
      case Fault.PowerLoss _, Fault.Everywhere _, Fault.Links _, Fault.Clock _ -> false;
    };
  }

  public boolean needsDisk() {
    return fault instanceof Fault.Disk;
  }

  public boolean needsClock() {
    return fault instanceof Fault.Clock;
  }

  /** As it is written on the command line. */
  public String option() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  public static Optional<FaultKind> of(String option) {
    return Stream.of(values()).filter(it -> it.option().equals(option)).findFirst();
  }
}
