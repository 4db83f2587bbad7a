package dev.matriarch.multijvm.chaos;

import dev.matriarch.multijvm.ClusterSettings;
import dev.matriarch.multijvm.ClusterView;
import dev.matriarch.multijvm.chaos.check.Mode;
import java.util.Optional;
import java.util.stream.Stream;

/** What a {@link Mode} means for the configuration and for what the members are then. */
final class Modes {
  private Modes() {}

  /** As it is written on the command line. */
  static String option(Mode mode) {
    return switch (mode) {
      case ASYNCHRONOUS -> "off";
      case ON -> "on";
      case QUORUM -> "quorum";
      case STRICT -> "strict";
    };
  }

  static Optional<Mode> of(String option) {
    return Stream.of(Mode.values()).filter(it -> option(it).equals(option)).findFirst();
  }

  /** For whoever names a mode that there is not. */
  static String unknown(String option) {
    return "--mode: '%s' is none of off, on, quorum, strict".formatted(option);
  }

  /** Small servers that leave nothing in shared memory, and room for all clients of a run. */
  static ClusterSettings cluster(Mode mode, Members members) {
    return in(ClusterSettings.small(Bounds.LEASE), mode, members)
        .with("postgresql.parameters.max_connections", "80")
        // Kept in the data directory, and so gone with it; /dev/shm would keep that of the killed.
        .with("postgresql.parameters.dynamic_shared_memory_type", "mmap");
  }

  private static ClusterSettings in(ClusterSettings settings, Mode mode, Members members) {
    var copies = settings.with("synchronous_node_count", Integer.toString(members.copies()));
    return switch (mode) {
      case ASYNCHRONOUS -> settings.with("synchronous_mode", "false");
      case ON -> copies.with("synchronous_mode", "true");
      case QUORUM -> copies.with("synchronous_mode", "quorum");
      case STRICT ->
          copies.with("synchronous_mode", "quorum").with("synchronous_mode_strict", "true");
    };
  }

  /** Whether commits wait for all that they should wait for when everybody is well. */
  static boolean isInForce(ClusterView view, Mode mode, Members members) {
    return switch (mode) {
      case ASYNCHRONOUS -> true;
      case ON -> count(view, "sync_standby") == members.copies();
      case QUORUM, STRICT -> count(view, "quorum_standby") == members.data() - 1;
    };
  }

  private static long count(ClusterView view, String role) {
    return view.members().stream().filter(it -> it.role().equals(role)).count();
  }
}
