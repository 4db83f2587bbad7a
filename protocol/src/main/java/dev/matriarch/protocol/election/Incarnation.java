package dev.matriarch.protocol.election;

import dev.matriarch.protocol.model.NodeId;

/**
 * One life of a data directory. A directory that was made anew is another incarnation: what the old
 * one had confirmed says nothing about it.
 *
 * @param number random
 */
public record Incarnation(NodeId node, long number) {}
