package dev.matriarch.actors;

import dev.matriarch.protocol.model.Endpoint;
import dev.matriarch.protocol.model.NodeId;

/** A member to stream, rewind or clone from. */
record Upstream(NodeId node, Endpoint postgres) {}
