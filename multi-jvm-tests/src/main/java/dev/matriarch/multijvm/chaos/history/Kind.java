package dev.matriarch.multijvm.chaos.history;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** What a client asks for; its answer, if there is one, is the {@link Value} named at each. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Kind.Insert.class, name = "insert"),
  @JsonSubTypes.Type(value = Kind.Increment.class, name = "increment"),
  @JsonSubTypes.Type(value = Kind.RegisterWrite.class, name = "write"),
  @JsonSubTypes.Type(value = Kind.RegisterRead.class, name = "read"),
  @JsonSubTypes.Type(value = Kind.RegisterCas.class, name = "cas"),
  @JsonSubTypes.Type(value = Kind.Transfer.class, name = "transfer"),
  @JsonSubTypes.Type(value = Kind.Balances.class, name = "balances"),
  @JsonSubTypes.Type(value = Kind.ReplicaRead.class, name = "look")
})
public sealed interface Kind {
  /** A row whose key no other attempt has: {@link Value.Stored}. */
  record Insert(long key) implements Kind {}

  /** Adds one to the counter: {@link Value.Held}, the count after it. */
  record Increment() implements Kind {}

  /** Writes a value that no other attempt writes: {@link Value.Stored}. */
  record RegisterWrite(int register, long value) implements Kind {}

  /**
   * Reads a register on a primary: {@link Value.Held}.
   *
   * @param confirmed whether it commits a change of nothing as well, so that its answer is worth as
   *     much as that to a write. One that is not may be old on a primary that is cut off.
   */
  record RegisterRead(int register, boolean confirmed) implements Kind {}

  /**
   * Writes {@code value}, which no other attempt writes, if the register holds {@code expected}:
   * {@link Value.Held}, what it holds then. Also if it does not, the answer is confirmed.
   */
  record RegisterCas(int register, long expected, long value) implements Kind {}

  /** Moves money between two accounts, serializably: {@link Value.Stored}. */
  record Transfer(int from, int to, long amount) implements Kind {}

  /** All accounts in one snapshot, on any node: {@link Value.Accounts}. */
  record Balances() implements Kind {}

  /** The counter, on any node: {@link Value.Seen}. */
  record ReplicaRead() implements Kind {}
}
