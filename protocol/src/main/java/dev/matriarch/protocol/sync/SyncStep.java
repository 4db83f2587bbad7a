package dev.matriarch.protocol.sync;

import dev.matriarch.protocol.election.SyncSet;
import java.util.Optional;

/**
 * One safe step towards the wanted synchronous set, and why. The shell carries it out, looks again
 * and asks again; nothing is remembered between two steps.
 */
public sealed interface SyncStep {
  String because();

  /** All is as it should be. */
  record Nothing(String because) implements SyncStep {}

  /** Let the cluster agree on another set; absent: asynchronous mode. */
  record ProposeRecord(Optional<SyncSet> set, String because) implements SyncStep {}

  /**
   * Ask PostgreSQL for this setting, then bring it into force in every process and prove it. From
   * nobody to members the way leads over the placeholder.
   */
  record SetPostgres(SyncSetting setting, String because) implements SyncStep {}

  /** Something under way has to end first, or somebody has to be there. */
  record Wait(String because) implements SyncStep {}

  /** Leave a change that was not proposed: ask PostgreSQL for the record's setting again. */
  record GiveUp(SyncSetting setting, String because) implements SyncStep {}
}
