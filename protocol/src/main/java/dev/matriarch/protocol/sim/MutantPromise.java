package dev.matriarch.protocol.sim;

import dev.matriarch.protocol.election.ElectionMessage;
import dev.matriarch.protocol.election.ElectionState;
import dev.matriarch.protocol.election.Incarnation;
import dev.matriarch.protocol.election.SyncSet;
import dev.matriarch.protocol.election.VersionedRecord;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.Position;
import java.util.Optional;

/** A promise as a candidate sees it that does not look at all that it has to. */
final class MutantPromise {
  private static final Position LITTLE = new Position(1, Lsn.ZERO);

  private MutantPromise() {}

  static ElectionMessage.Promise of(
      ElectionMessage.Promise it, ElectionState state, Mutation mutation) {
    if (mutation == Mutation.GOES_ON_DESPITE_ANOTHER_ELECTION) {
      return MutantCandidate.withoutOtherElections(it, state);
    }
    if (mutation == Mutation.OLDER_TIMELINES_IGNORED) {
      var mine = state.local().position().map(Position::timeline).orElse(0);
      var counts = it.position().filter(at -> at.timeline() >= mine);
      return seen(it, it.incarnation(), counts, it.fenced());
    }
    if (mutation == Mutation.PROMISE_WITHOUT_A_FENCE) {
      return seen(it, it.incarnation(), it.position(), true);
    }
    var named =
        it.accepted()
            .or(() -> state.voter().accepted())
            .flatMap(value -> value.record().sync())
            .flatMap(set -> memberOf(set, it));
    if (named.isEmpty() && mutation != Mutation.BETTER_WAL_IGNORED) {
      return it;
    }
    var member = named.orElse(it.incarnation());
    var own = it.from().equals(state.voter().node());
    return switch (mutation) {
      case READ_QUORUM_ONE_SMALLER ->
          seen(it, member, it.position().or(() -> Optional.of(LITTLE)), true);
      case BETTER_WAL_IGNORED ->
          own ? it : seen(it, it.incarnation(), it.position().map(_ -> LITTLE), it.fenced());
      case INCARNATION_IGNORED -> seen(it, member, it.position(), it.fenced());
      default -> it;
    };
  }

  private static Optional<Incarnation> memberOf(SyncSet set, ElectionMessage.Promise it) {
    return set.members().stream().filter(member -> member.node().equals(it.from())).findFirst();
  }

  static ElectionMessage.Promise telling(
      ElectionMessage.Promise it, Optional<VersionedRecord> accepted) {
    return new ElectionMessage.Promise(
        it.from(),
        it.store(),
        it.ballot(),
        it.incarnation(),
        accepted,
        it.position(),
        it.able(),
        it.fenced(),
        it.forgetful());
  }

  private static ElectionMessage.Promise seen(
      ElectionMessage.Promise it,
      Incarnation incarnation,
      Optional<Position> position,
      boolean fenced) {
    return new ElectionMessage.Promise(
        it.from(),
        it.store(),
        it.ballot(),
        incarnation,
        it.accepted(),
        position,
        it.able(),
        fenced,
        it.forgetful());
  }
}
