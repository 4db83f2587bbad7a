package dev.matriarch.multijvm.chaos.workload;

import dev.matriarch.multijvm.chaos.history.Kind;

/** The next thing that a client does. */
record Request(Kind kind, Step step) {}
