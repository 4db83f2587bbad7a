package dev.matriarch.multijvm.chaos.fault;

import java.time.Duration;
import java.util.Optional;

/** What became of a strike. */
public sealed interface Struck {
  /** What happened, for the report. */
  String what();

  /**
   * It is done.
   *
   * @param node the name of the node that it met; empty: all, or none in particular
   * @param clockOff by how much a clock of it jumped
   * @param heal undoes it; may be called when the node has been struck otherwise meanwhile
   */
  record Done(Optional<String> node, String what, Duration clockOff, Runnable heal)
      implements Struck {}

  /** There was nothing to strike: the process does not run, for example. */
  record Moot(String what) implements Struck {}

  /** This build or this machine cannot do it. */
  record NotSupported(String what) implements Struck {}

  /** What a node suffers until it is healed. */
  static Struck lasting(Host host, Runnable heal) {
    return lasting(host, host.node().name(), heal);
  }

  /** As the other, with more to tell. */
  static Struck lasting(Host host, String what, Runnable heal) {
    return new Done(Optional.of(host.node().name()), what, Duration.ZERO, heal);
  }

  /** What needs no healing. */
  static Struck passing(Host host, String what) {
    return lasting(host, what, () -> {});
  }

  /** What befalls all nodes. */
  static Struck general(String what, Runnable heal) {
    return new Done(Optional.empty(), what, Duration.ZERO, heal);
  }
}
