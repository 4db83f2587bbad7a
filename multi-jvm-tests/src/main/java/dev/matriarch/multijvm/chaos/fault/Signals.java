package dev.matriarch.multijvm.chaos.fault;

import dev.matriarch.multijvm.JvmNode;
import dev.matriarch.multijvm.OsProcess;
import java.util.List;

/** Signals to processes of nodes; and starting again what they have ended. */
final class Signals {
  private Signals() {}

  static Struck send(Fault.Signal fault, Host host, long chance) {
    if (fault.victim() == Fault.Victim.HOST) {
      return toAll(fault.name(), host);
    }
    var victim = host.find(fault.victim(), chance);
    if (victim.isEmpty()) {
      return new Struck.Moot("no such process on " + host.node());
    }
    var pid = victim.get();
    var what = "%s, process %d".formatted(host.node(), pid);
    OsProcess.signal(fault.name().name(), pid);
    return switch (fault.name()) {
      case STOP -> Struck.lasting(host, what, () -> wake(pid));
      case KILL, TERM, INT ->
          switch (fault.victim()) {
            case AGENT -> Struck.lasting(host, what, () -> start(host.node()));
            case POSTMASTER -> Struck.lasting(host, what, () -> hurry(pid));
            case GUARDIAN, BACKEND, WAL_RECEIVER, WAL_SENDER, HOST -> Struck.passing(host, what);
          };
    };
  }

  /** A server that was told to end when its clients have gone would wait for them for ever. */
  private static void hurry(long postmaster) {
    if (OsProcess.title(postmaster).contains("/postgres ")) {
      OsProcess.signal("INT", postmaster);
    }
  }

  private static void wake(long pid) {
    if (OsProcess.lives(pid)) {
      OsProcess.signal("CONT", pid);
    }
  }

  /** An agent that is stopping in order is left to do so; whoever waits for it starts it. */
  static void start(JvmNode node) {
    synchronized (node) {
      if (!node.isAgentAlive()) {
        node.start();
      }
    }
  }

  private static Struck toAll(Fault.Name name, Host host) {
    return switch (name) {
      case STOP -> {
        host.freeze();
        yield Struck.lasting(host, host::thaw);
      }
      case KILL -> {
        host.kill();
        yield Struck.lasting(host, () -> start(host.node()));
      }
      case TERM, INT -> throw new IllegalArgumentException("a host is killed or frozen");
    };
  }

  static Struck everywhere(Fault.Everyone everyone, List<Host> hosts) {
    switch (everyone) {
      case KILLED -> hosts.parallelStream().forEach(Host::kill);
      case STOPPED -> hosts.forEach(it -> toAgent("TERM", it));
      case AGENTS_KILLED -> hosts.forEach(it -> toAgent("KILL", it));
    }
    return Struck.general("all nodes", () -> hosts.forEach(it -> start(it.node())));
  }

  private static void toAgent(String signal, Host host) {
    host.node().agentPid().ifPresent(pid -> OsProcess.signal(signal, pid));
  }
}
