package dev.matriarch.actors;

/** Whatever goes to another agent. Bound to a serializer in {@code reference.conf}. */
public interface WireMessage {}
