package dev.matriarch.multijvm.chaos.workload;

import dev.matriarch.multijvm.JvmNode;
import java.util.List;

/**
 * Who works.
 *
 * @param nodes those with PostgreSQL
 * @param inside whether each host has clients of its own too, which still reach its server when the
 *     host is cut off; its network must be a namespace
 */
public record Plan(List<JvmNode> nodes, boolean inside) {
  public Plan {
    nodes = List.copyOf(nodes);
  }
}
