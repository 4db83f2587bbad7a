package dev.matriarch.actors;

import dev.matriarch.protocol.election.Outlook;

/**
 * Whether the leader is beginning to be missed. An election goes by what is known here of the local
 * PostgreSQL, so that is looked at before the leader counts as lost. Touched by the supervisor
 * only.
 */
final class MissedLeader {
  private boolean quiet;

  boolean begins(Outlook outlook) {
    var before = quiet;
    quiet = outlook.quiet();
    return quiet && !before;
  }
}
