package dev.matriarch.protocol.sim.explore;

import dev.matriarch.protocol.election.Ballot;
import dev.matriarch.protocol.election.ElectionMessage;
import dev.matriarch.protocol.election.ElectionState;
import dev.matriarch.protocol.election.Standing;
import dev.matriarch.protocol.election.Version;
import dev.matriarch.protocol.election.VersionedRecord;
import dev.matriarch.protocol.election.VoterState;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a step of the machine means for all.
 *
 * @param won a ballot won, and the newest record among its promises
 * @param stored a record that this voter has on disk now
 * @param led the ballot of a leadership that has begun
 */
record Facts(Optional<Won> won, Optional<VersionedRecord> stored, Optional<Ballot> led) {
  static final Facts NONE = new Facts(Optional.empty(), Optional.empty(), Optional.empty());

  record Won(Ballot ballot, Version adopted) {}

  static Facts of(
      ElectionState before,
      Optional<ElectionMessage> heard,
      ElectionState after,
      VoterState diskBefore,
      VoterState disk) {
    var won =
        after.standing() instanceof Standing.Accepting it
                && before.standing() instanceof Standing.Preparing preparing
            ? Optional.of(
                new Won(
                    it.proposal().value().version().ballot(), adopted(preparing, before, heard)))
            : Optional.<Won>empty();
    var stored = disk.accepted().filter(_ -> !disk.version().equals(diskBefore.version()));
    var led =
        after.standing() instanceof Standing.Leading it
                && !(before.standing() instanceof Standing.Leading)
            ? Optional.of(it.lease().ballot())
            : Optional.<Ballot>empty();
    return new Facts(won, stored, led);
  }

  private static Version adopted(
      Standing.Preparing preparing, ElectionState before, Optional<ElectionMessage> heard) {
    var told =
        Stream.concat(preparing.promises().values().stream(), heard.stream())
            .filter(ElectionMessage.Promise.class::isInstance)
            .flatMap(it -> ((ElectionMessage.Promise) it).accepted().stream())
            .map(VersionedRecord::version);
    return Stream.concat(told, Stream.of(before.voter().version()))
        .max(Version::compareTo)
        .orElseThrow();
  }
}
