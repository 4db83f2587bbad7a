package dev.matriarch.protocol.election;

import dev.matriarch.protocol.model.NodeId;

/** A node with the store it votes from; only both together count. */
public record Voter(NodeId node, StoreId store) {}
