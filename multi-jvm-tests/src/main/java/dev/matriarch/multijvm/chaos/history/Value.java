package dev.matriarch.multijvm.chaos.history;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;

/** What a server answered. Timelines are of the server when it answered. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "value")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Value.Stored.class, name = "stored"),
  @JsonSubTypes.Type(value = Value.Held.class, name = "held"),
  @JsonSubTypes.Type(value = Value.Accounts.class, name = "accounts"),
  @JsonSubTypes.Type(value = Value.Seen.class, name = "seen")
})
public sealed interface Value {
  int timeline();

  /**
   * A commit.
   *
   * @param lsn the end of the WAL before it, in bytes
   */
  record Stored(int timeline, long lsn) implements Value {}

  /** What a register holds, or the counter. */
  record Held(long number, int timeline) implements Value {}

  /** The balances of all accounts, in their order. */
  record Accounts(List<Long> balances, int timeline) implements Value {
    public Accounts {
      balances = List.copyOf(balances);
    }
  }

  /**
   * The counter on a node.
   *
   * @param life of the server: when it last began to recover, in microseconds of its clock
   * @param recovering whether it is a replica
   */
  record Seen(long count, long life, int timeline, boolean recovering) implements Value {}
}
