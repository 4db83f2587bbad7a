package dev.matriarch.protocol.sync;

/** Whether commits wait for standbys, and for which. */
public enum SyncMode {
  /** Commits wait for nobody. */
  OFF,
  /** Commits wait for each of a few chosen standbys. */
  PRIORITY,
  /** Commits wait for any few of all standbys that are fit. */
  QUORUM
}
