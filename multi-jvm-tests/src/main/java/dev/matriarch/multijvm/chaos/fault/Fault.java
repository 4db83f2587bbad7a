package dev.matriarch.multijvm.chaos.fault;

/** What is done to a cluster. */
public sealed interface Fault {
  /** A signal to one of the processes of a node. */
  record Signal(Victim victim, Name name) implements Fault {}

  /** Whom a signal meets. */
  enum Victim {
    AGENT,
    GUARDIAN,
    POSTMASTER,
    /** A session of a client, of the agent too. */
    BACKEND,
    WAL_RECEIVER,
    WAL_SENDER,
    /** All processes of the host. */
    HOST
  }

  /** A signal; a frozen process is woken when the fault ends. */
  enum Name {
    KILL,
    STOP,
    TERM,
    INT
  }

  /** A host without power: its link is down, and what ran on it is gone. */
  record PowerLoss() implements Fault {}

  /** A signal to all nodes at once. */
  record Everywhere(Everyone everyone) implements Fault {}

  /** What happens to all nodes. */
  enum Everyone {
    /** SIGKILL of all processes of all hosts. */
    KILLED,
    /** SIGTERM of all agents, which stop their PostgreSQL. */
    STOPPED,
    /** SIGKILL of all agents alone. */
    AGENTS_KILLED
  }

  /** Links that lose what is sent over them. Clients are reached, unless the cable is out. */
  record Links(Shape shape) implements Fault {}

  /** Which links are broken. */
  enum Shape {
    /** The cable of one node. */
    CABLE,
    /** The cable of one node, in and out. */
    FLAPPING,
    /** The others do not hear one node. */
    MUTE,
    /** One node does not hear the others. */
    DEAF,
    /** One node and the others do not hear each other. */
    ISOLATED,
    /** One node stands between two groups that do not hear each other. */
    BRIDGE,
    /** Each node hears itself and as many of those before it as make a majority. */
    RING,
    /** No node hears any other. */
    SHATTERED,
    /** Three of ten packets from and to one node are lost. */
    LOSSY
  }

  /** The disk of PostgreSQL's data. */
  record Disk(Trouble trouble) implements Fault {}

  /** What a disk suffers from. */
  enum Trouble {
    FULL,
    /** Nothing that is written to it returns. */
    HANGING,
    /** It hangs for most of the time, in short pieces. */
    SLOW,
    /** All that is read from it or written to it is an I/O error, until its host starts again. */
    BROKEN
  }

  /** The wall clock of a node jumps; the monotonic one goes on. */
  record Clock(Jump jump) implements Fault {}

  /** Where to a clock jumps. */
  enum Jump {
    FORWARD,
    BACK
  }

  /** A host that loses what it has stored, and is started again. */
  record Wipe(boolean data, boolean votes) implements Fault {}

  /** What an operator asks for, through the REST API. */
  record Request(Order order) implements Fault {}

  /** An operator's word. */
  enum Order {
    SWITCHOVER,
    FAILOVER,
    RESTART,
    RELOAD,
    CONFIGURE
  }
}
