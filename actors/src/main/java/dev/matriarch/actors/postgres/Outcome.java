package dev.matriarch.actors.postgres;

/** How an operation on PostgreSQL ended. */
public sealed interface Outcome {
  /** It is done; {@code detail} is for the log. */
  record Done(String detail) implements Outcome {}

  /** It did not work; {@code reason} says what happened and what the program printed last. */
  record Failed(String reason) implements Outcome {}
}
