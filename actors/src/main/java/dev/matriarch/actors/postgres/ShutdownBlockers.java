package dev.matriarch.actors.postgres;

import dev.matriarch.protocol.model.Lsn;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * WAL senders that keep a server from writing its shutdown checkpoint.
 *
 * <p>Before it the checkpointer waits until every WAL sender has noticed that the server shuts down
 * ({@code WalSndWaitStopping}). One whose client takes nothing any more notices nothing before
 * {@code wal_sender_timeout}, and a logical one not before its client has confirmed everything.
 * Nobody can connect by then, so they are found by their titles.
 */
final class ShutdownBlockers {
  private static final Pattern SENDER = Pattern.compile("postgres: (.*: )?walsender .*");
  private static final Pattern SENT =
      Pattern.compile(".* streaming ([0-9A-F]+/[0-9A-F]+)[ \\x00]*");

  /** What is left when all others have been waited for; one or the other of some versions only. */
  private static final Pattern LASTS =
      Pattern.compile(
          "postgres: (.*: )?(walsender|checkpointer|archiver|logger|stats collector|io worker).*");

  private record Sender(ProcessId process, Optional<Lsn> sent) {
    static Optional<Sender> of(ProcessId process) {
      return process
          .commandLine()
          .filter(it -> SENDER.matcher(it).matches())
          .map(title -> {
            var found = SENT.matcher(title);
            var sent =
                found.matches() ? Optional.of(Lsn.parse(found.group(1))) : Optional.<Lsn>empty();
            return new Sender(process, sent);
          });
    }
  }

  private ShutdownBlockers() {}

  /** Whether nobody but WAL senders can be what the server waits for. */
  static boolean areAllThatIsLeft(ProcessId postmaster) {
    var children = ServerProcesses.children(postmaster);
    return children.stream().anyMatch(it -> Sender.of(it).isPresent())
        && children.stream()
            .allMatch(it -> it.commandLine().filter(t -> !LASTS.matcher(t).matches()).isEmpty());
  }

  /** Those that are logical, or have sent less than another. */
  static List<ProcessId> behind(ProcessId postmaster) {
    var senders = senders(postmaster);
    var most = senders.stream().flatMap(it -> it.sent().stream()).max(Comparator.naturalOrder());
    return senders.stream()
        .filter(it -> it.sent().isEmpty() || !it.sent().equals(most))
        .map(Sender::process)
        .toList();
  }

  static List<ProcessId> all(ProcessId postmaster) {
    return senders(postmaster).stream().map(Sender::process).toList();
  }

  private static List<Sender> senders(ProcessId postmaster) {
    return ServerProcesses.children(postmaster).stream()
        .flatMap(it -> Sender.of(it).stream())
        .toList();
  }
}
