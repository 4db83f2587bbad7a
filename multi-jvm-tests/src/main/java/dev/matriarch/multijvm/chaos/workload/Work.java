package dev.matriarch.multijvm.chaos.workload;

import dev.matriarch.multijvm.chaos.history.Operation;

/** What one client does, one request after the other. */
interface Work {
  Request next();

  /** Told of each request's end. */
  default void done(Operation operation) {}
}
