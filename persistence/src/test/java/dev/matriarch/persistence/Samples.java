package dev.matriarch.persistence;

import dev.matriarch.protocol.election.Ballot;
import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.election.Course;
import dev.matriarch.protocol.election.Electorate;
import dev.matriarch.protocol.election.HistoryEntry;
import dev.matriarch.protocol.election.Incarnation;
import dev.matriarch.protocol.election.StoreId;
import dev.matriarch.protocol.election.SyncSet;
import dev.matriarch.protocol.election.Version;
import dev.matriarch.protocol.election.VersionedRecord;
import dev.matriarch.protocol.election.Voter;
import dev.matriarch.protocol.election.VoterState;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Position;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Voter states for tests. */
public final class Samples {
  public static final String SCOPE = "demo";
  public static final NodeId ALPHA = new NodeId("alpha");
  public static final NodeId BETA = new NodeId("beta");
  public static final NodeId GAMMA = new NodeId("gamma");

  private Samples() {}

  /** The state after a promise to {@code term}. */
  public static VoterState promising(VoterState state, long term) {
    return state.promising(ballot(term, BETA));
  }

  /** Every component in use, with numbers and names that are hard to write down. */
  public static VoterState full() {
    var store = new StoreId("0b4f7f3e-7a5c-4a58-8d2e-3f1a6c9b2d10");
    var voters = Electorate.ofUnheard(List.of(GAMMA, BETA, ALPHA)).with(new Voter(ALPHA, store));
    var sync =
        new SyncSet(
            Set.of(new Incarnation(BETA, Long.MIN_VALUE), new Incarnation(ALPHA, Long.MAX_VALUE)),
            2);
    var history =
        List.of(
            new HistoryEntry(1, 1, Lsn.ZERO, ALPHA, Optional.empty(), "the first"),
            new HistoryEntry(
                4,
                2,
                Lsn.parse("16/B374D848"),
                BETA,
                Optional.of("2031-05-06T07:08:09.123+02:00"),
                "alpha \"lost\" – no beat for 500 ms",
                Optional.of(1),
                Optional.of(
                    new Course(false, 2, "complete", Map.of("suspected", 500L, "promoted", 61L)))));
    Map<String, Object> config =
        Map.of(
            "ttl",
            5,
            "heartbeat",
            0.1,
            "huge",
            1.0e300,
            "synchronous_mode",
            "quorum",
            "postgresql",
            Map.of("use_slots", true, "parameters", Map.of("work_mem", "4MB")),
            "slots",
            List.of("one", "two"));
    var record =
        new ClusterRecord(
            7,
            Optional.of(BETA),
            Optional.of(BETA),
            2,
            voters,
            Optional.empty(),
            Optional.of(sync),
            history,
            5000,
            Optional.of("7312345678901234567"),
            config);
    return VoterState.fresh(ALPHA, store, -42)
        .accepting(new VersionedRecord(new Version(ballot(7, BETA), 3), record))
        .reporting(Optional.of(new Position(2, Lsn.parse("16/B374D900"))))
        .promising(ballot(9, GAMMA));
  }

  private static Ballot ballot(long term, NodeId candidate) {
    return new Ballot(term, candidate, new StoreId("store of " + candidate));
  }
}
