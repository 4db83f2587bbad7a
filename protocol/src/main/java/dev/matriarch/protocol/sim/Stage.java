package dev.matriarch.protocol.sim;

import dev.matriarch.protocol.model.NodeId;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What a world begins with.
 *
 * @param witness who has no PostgreSQL
 */
record Stage(
    Dice dice,
    Setup setup,
    Surroundings surroundings,
    List<NodeId> members,
    Optional<NodeId> witness) {
  Stage {
    members = List.copyOf(members);
  }

  static Stage drawn(long seed, Mutation mutation) {
    var dice = new Dice(seed);
    var synchronous = mutation.needsSynchronousMode().orElseGet(() -> dice.hits(0.5));
    var setup = Setup.drawn(dice, synchronous);
    var members =
        IntStream.range(0, setup.size()).mapToObj(number -> new NodeId("n" + number)).toList();
    var witness = dice.hits(0.2) ? Optional.of(members.getLast()) : Optional.<NodeId>empty();
    var surroundings = Surroundings.drawn(new Dice(~seed), setup, mutation);
    return new Stage(dice, setup, surroundings, members, witness);
  }
}
