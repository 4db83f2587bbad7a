package dev.matriarch.multijvm.chaos;

import dev.matriarch.multijvm.chaos.fault.Fault;
import dev.matriarch.multijvm.chaos.fault.FaultKind;
import java.time.Duration;

/**
 * How long anything may take before it counts as a failure. They are for a machine with two
 * processors that the whole cluster, its clients and its watchers share: twice what was thought
 * out, and several times what is usual there. All begin when the last fault is healed, except
 * {@link #outage}.
 */
final class Bounds {
  /** The {@code ttl} of the clusters. */
  static final Duration LEASE = Duration.ofSeconds(5);

  /**
   * The first cluster: the data directory is made after a whole lease, each other member copies it.
   */
  static final Duration FORMATION = Duration.ofSeconds(90);

  /**
   * Until a client's write is acknowledged: an agent that is started needs 3 s until it takes part;
   * a voter that may have forgotten a promise is silent for a lease, 5 s; a lease may have to run
   * out, 5 s; recovery after a crash, 2 s.
   */
  static final Duration WRITABLE = Duration.ofSeconds(30);

  /**
   * Until all members stream from one leader, each vote counts and commits wait for all that they
   * should: {@link #WRITABLE}, and then 30 s to rewind or copy 100 MB, to catch up and to be taken
   * into the synchronous set, where several do so at a time.
   */
  static final Duration WHOLE = Duration.ofSeconds(90);

  /** All agents end in order: the last one has nobody to hand over to, and makes a checkpoint. */
  static final Duration STOP = Duration.ofSeconds(60);

  /** The clients' last answers, and the replay of the last WAL everywhere. */
  static final Duration REPLAY = Duration.ofSeconds(30);

  private Bounds() {}

  /**
   * How long nobody may be able to write while a fault lasts that leaves a majority: the lease, 5
   * s, and an election. A server that answers and does not commit is first given {@code
   * commit_timeout}, 10 s.
   */
  static Duration outage(FaultKind kind) {
    return switch (kind.fault()) {
      case Fault.Disk _ -> Duration.ofSeconds(30);
      case Fault.Signal(var victim, var name) when name == Fault.Name.STOP ->
          victim == Fault.Victim.POSTMASTER || victim == Fault.Victim.BACKEND
              ? Duration.ofSeconds(30)
              : Duration.ofSeconds(15);
      case Fault.Links(var shape) when shape == Fault.Shape.LOSSY -> Duration.ofSeconds(30);
      case Fault.Signal _,
          Fault.PowerLoss _,
          Fault.Everywhere _,
          Fault.Links _,
          Fault.Clock _,
          Fault.Wipe _,
          Fault.Request _ ->
          Duration.ofSeconds(15);
    };
  }
}
