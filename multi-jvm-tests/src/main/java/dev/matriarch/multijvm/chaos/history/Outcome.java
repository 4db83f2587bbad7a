package dev.matriarch.multijvm.chaos.history;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** What became of an operation, as far as its client can know. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "outcome")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Outcome.Ok.class, name = "ok"),
  @JsonSubTypes.Type(value = Outcome.Failed.class, name = "failed"),
  @JsonSubTypes.Type(value = Outcome.Unknown.class, name = "unknown")
})
public sealed interface Outcome {
  /** Done, and promised to last. */
  record Ok(Value value) implements Outcome {}

  /** Certainly not done, now or later. */
  record Failed(String why) implements Outcome {}

  /** May have been done, may be done at any later time, or never. */
  record Unknown(String why) implements Outcome {}
}
