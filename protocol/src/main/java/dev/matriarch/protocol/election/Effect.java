package dev.matriarch.protocol.election;

import dev.matriarch.protocol.model.NodeId;

/** What is to be done. */
public sealed interface Effect {
  record Send(NodeId to, ElectionMessage message) implements Effect {}

  /** The change {@code id} is chosen, or will not be proposed, or nobody knows. */
  record Decided(long id, Verdict verdict) implements Effect {}

  /** What became of a change. */
  sealed interface Verdict {
    record Chosen(Version version) implements Verdict {}

    record Refused(String reason) implements Verdict {}

    record Unknown(String reason) implements Verdict {}
  }
}
