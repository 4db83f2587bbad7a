package dev.matriarch.multijvm.bench;

import dev.matriarch.multijvm.ClusterSettings;
import dev.matriarch.multijvm.ClusterView;
import java.util.Locale;

/** The {@code synchronous_mode}. */
enum Mode {
  QUORUM("quorum", "quorum_standby"),
  ON("true", "sync_standby"),
  OFF("false", "");

  private final String yaml;
  private final String role;

  Mode(String yaml, String role) {
    this.yaml = yaml;
    this.role = role;
  }

  /** As it is written on the command line. */
  String option() {
    return name().toLowerCase(Locale.ROOT);
  }

  ClusterSettings in(ClusterSettings settings) {
    return settings.with("synchronous_mode", yaml);
  }

  boolean isSynchronous() {
    return this != OFF;
  }

  /** Whether commits wait for somebody. */
  boolean isInForce(ClusterView view) {
    return !isSynchronous() || view.members().stream().anyMatch(this::isSynchronous);
  }

  boolean isSynchronous(ClusterView.Member member) {
    return member.role().equals(role);
  }
}
