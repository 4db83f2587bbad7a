package dev.matriarch.multijvm;

/**
 * A row that a node has acknowledged. Times are of {@link System#nanoTime}.
 *
 * @param writer who wrote it
 * @param node the name of the node
 * @param session number of the connection that wrote it, in the order of their making
 * @param lsn the end of the WAL when it was written
 * @param begun when the attempt began, and {@code acknowledged} when the answer had come
 */
public record AcknowledgedRow(
    String writer,
    String node,
    long session,
    long id,
    int timeline,
    long lsn,
    long begun,
    long acknowledged) {}
