package dev.matriarch.protocol.election;

/** A state of the cluster record with its version. */
public record VersionedRecord(Version version, ClusterRecord record) {}
