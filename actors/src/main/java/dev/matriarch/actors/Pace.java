package dev.matriarch.actors;

import dev.matriarch.protocol.ha.Decision;
import dev.matriarch.protocol.ha.Instance;
import java.time.Duration;
import java.util.Optional;

/** How soon the supervisor looks at PostgreSQL again when nothing has happened. */
record Pace(Knowledge knowledge, Optional<SyncKeeper> synchrony, Optional<WriteWatch> writes) {
  private static final Duration WHEN_CALM = Duration.ofSeconds(1);
  private static final Duration WHEN_NOT = Duration.ofMillis(200);
  private static final Duration FOR_REPLICA = Duration.ofMillis(100);

  /**
   * The time until then.
   *
   * @param last what was decided last
   */
  Duration next(Optional<Decision> last, Duration now) {
    var loopWait = knowledge.dynamic().loopWait();
    var busy = knowledge.failovers.isSettled() ? WHEN_NOT : FOR_REPLICA;
    var longest = isCalm(last, now) ? calm() : busy;
    return loopWait.compareTo(longest) < 0 ? loopWait : longest;
  }

  /** A standby that commits wait for is to be missed before a second is over. */
  private Duration calm() {
    return synchrony
        .flatMap(it -> it.looksEvery(knowledge))
        .filter(it -> it.compareTo(WHEN_CALM) < 0)
        .orElse(WHEN_CALM);
  }

  private boolean isCalm(Optional<Decision> last, Duration now) {
    var instance = knowledge.instance(now);
    var settled =
        instance instanceof Instance.Absent
            || instance instanceof Instance.Primary
            || (instance instanceof Instance.Standby standby && standby.notStreamingFor().isZero());
    return settled
        && knowledge.leader().isPresent()
        && knowledge.busy.isEmpty()
        && knowledge.failovers.isSettled()
        && synchrony.filter(it -> !it.isSettled()).isEmpty()
        && writes.filter(it -> !it.isCalm()).isEmpty()
        && last.filter(it -> it instanceof Decision.Stay).isPresent();
  }
}
