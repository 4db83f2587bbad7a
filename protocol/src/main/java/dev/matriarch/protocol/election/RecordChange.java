package dev.matriarch.protocol.election;

import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Steady;
import java.util.ArrayList;
import java.util.Map;
import java.util.Optional;

/** A change of the cluster record that somebody asks for. */
public sealed interface RecordChange {

  ClusterRecord apply(ClusterRecord record);

  /** The database cluster exists now. */
  record Identify(String systemIdentifier) implements RecordChange {
    @Override
    public ClusterRecord apply(ClusterRecord record) {
      return record.withSystemIdentifier(systemIdentifier);
    }
  }

  /**
   * The promotion told where its timeline really begins.
   *
   * @param at ISO 8601 with zone
   */
  record Forked(int timeline, Lsn fork, String at) implements RecordChange {
    @Override
    public ClusterRecord apply(ClusterRecord record) {
      return record.withHistory(
          record.history().stream()
              .map(it -> it.timeline() == timeline ? it.withFork(fork, at) : it)
              .toList());
    }
  }

  /** The winner of {@code term} has seen its fail-over to the end. */
  record Measured(long term, Course course) implements RecordChange {
    /** As many of the newest keep theirs: the record travels as one message. */
    public static final int COURSES_MAX = 50;

    @Override
    public ClusterRecord apply(ClusterRecord record) {
      var entries = new ArrayList<HistoryEntry>();
      var old = record.history().size() - COURSES_MAX;
      for (var it : record.history()) {
        var its = it.term() == term ? Optional.of(course) : it.course();
        entries.add(it.withCourse(its.filter(_ -> entries.size() >= old)));
      }
      return record.withHistory(entries);
    }
  }

  /**
   * A new dynamic configuration.
   *
   * @param ttlMs the length of the lease that it asks for, milliseconds
   */
  record Configure(Map<String, Object> config, long ttlMs) implements RecordChange {
    public Configure {
      config = Steady.map(config);
    }

    @Override
    public ClusterRecord apply(ClusterRecord record) {
      return record.withConfig(config, ttlMs);
    }
  }

  /**
   * Another synchronous set.
   *
   * @param set absent: asynchronous mode
   */
  record Synchronise(Optional<SyncSet> set) implements RecordChange {
    @Override
    public ClusterRecord apply(ClusterRecord record) {
      return record.withSync(set);
    }
  }

  /** A voter that does not come back. */
  record Disenfranchise(NodeId node) implements RecordChange {
    @Override
    public ClusterRecord apply(ClusterRecord record) {
      return record.withVoters(record.voters().without(node), Optional.of(record.voters()));
    }
  }

  /** A configured member whose store the record does not name yet begins to count. */
  record Enfranchise(Voter voter) implements RecordChange {
    @Override
    public ClusterRecord apply(ClusterRecord record) {
      return record.withVoters(record.voters().with(voter), Optional.of(record.voters()));
    }
  }

  /** The voters before the last change no longer count. */
  record Settle() implements RecordChange {
    @Override
    public ClusterRecord apply(ClusterRecord record) {
      return record.withVoters(record.voters(), Optional.empty());
    }
  }
}
