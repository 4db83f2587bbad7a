package dev.matriarch.http;

import dev.matriarch.protocol.model.NodeId;

/**
 * Who answers; known before there is anything to tell.
 *
 * @param version of the agent, {@code 1.2.3}
 * @param scope the cluster's name
 */
public record Identity(String version, String scope, NodeId name) {}
