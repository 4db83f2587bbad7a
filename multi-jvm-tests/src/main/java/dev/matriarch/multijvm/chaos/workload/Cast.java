package dev.matriarch.multijvm.chaos.workload;

import dev.matriarch.multijvm.JvmNode;
import dev.matriarch.multijvm.Router;
import dev.matriarch.multijvm.chaos.history.History;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Who does what in a run. Together they commit little more than a hundred times a second: the
 * servers, the agents and the clients share one machine.
 */
final class Cast {
  /** A client that looks for the primary leaves one that does not answer. */
  private static final Duration MOVE = Duration.ofSeconds(2);

  /** One that stays gives up late: each that gives up leaves a backend that still waits. */
  private static final Duration STAY = Duration.ofSeconds(10);

  private static final Duration WRITER_PAUSE = Duration.ofMillis(30);
  private static final Duration PROBE_PAUSE = Duration.ofMillis(50);
  private static final Duration REGISTER_PAUSE = Duration.ofMillis(60);
  private static final Duration BANK_PAUSE = Duration.ofMillis(80);
  private static final Duration COUNTER_PAUSE = Duration.ofMillis(40);
  private static final Duration READER_PAUSE = Duration.ofMillis(50);

  private final Plan plan;
  private final Tables tables;
  private final Optional<String> outside;
  private final Optional<Router> router;
  private final long seed;
  private final History history;
  private final AtomicLong keys = new AtomicLong();
  private final Registers.Pool pool = new Registers.Pool();
  private final List<Client> clients = new ArrayList<>();

  private Cast(
      Plan plan,
      Tables tables,
      Optional<String> outside,
      Optional<Router> router,
      long seed,
      History history) {
    this.plan = plan;
    this.tables = tables;
    this.outside = outside;
    this.router = router;
    this.seed = seed;
    this.history = history;
  }

  /**
   * All of them.
   *
   * @param outside the network of those that live on no node's host; empty: that of the tests
   * @param router empty: nobody is routed
   */
  static List<Client> of(
      Plan plan,
      Tables tables,
      Optional<String> outside,
      Optional<Router> router,
      long seed,
      History history) {
    return new Cast(plan, tables, outside, router, seed, history).clients();
  }

  private List<Client> clients() {
    for (var number = 1; number <= 2; number++) {
      follow("writer-" + number, WRITER_PAUSE, new Rows(keys));
    }
    for (var number = 1; number <= 3; number++) {
      follow("register-" + number, REGISTER_PAUSE, new Registers(pool, random()));
    }
    for (var number = 1; number <= 2; number++) {
      follow("bank-" + number, BANK_PAUSE, new Bank(random()));
    }
    follow("counter", COUNTER_PAUSE, new Counting());
    for (var node : plan.nodes()) {
      stay("probe-" + node, node, outside, PROBE_PAUSE, new Rows(keys));
      stay("reader-" + node, node, outside, READER_PAUSE, new Looking(pool, random()));
      if (plan.inside()) {
        var inside = node.place().namespace();
        stay("inside-" + node, node, inside, PROBE_PAUSE, new Rows(keys));
        stay("inside-reader-" + node, node, inside, READER_PAUSE, new Looking(pool, random()));
      }
    }
    router.ifPresent(this::routed);
    return clients;
  }

  /** Those that know no node, and go where the agents' answers to HAProxy let them. */
  private void routed(Router through) {
    var writing = new Door(through.primary(), plan.nodes());
    add("routed-writer", List.of(writing), true, outside, MOVE, WRITER_PAUSE, new Rows(keys));
    var reading = new Door(through.replicas(), plan.nodes());
    var work = new Looking(pool, random());
    add("routed-reader", List.of(reading), false, outside, MOVE, READER_PAUSE, work);
  }

  /** Each tries the nodes in another order, so that two primaries would both have clients. */
  private void follow(String name, Duration pause, Work work) {
    var nodes = new ArrayList<>(plan.nodes());
    Collections.rotate(nodes, clients.size());
    add(name, nodes.stream().map(Door::of).toList(), true, outside, MOVE, pause, work);
  }

  private void stay(String name, JvmNode node, Optional<String> from, Duration pause, Work work) {
    add(name, List.of(Door.of(node)), false, from, STAY, pause, work);
  }

  private void add(
      String name,
      List<Door> doors,
      boolean follows,
      Optional<String> from,
      Duration patience,
      Duration pause,
      Work work) {
    var part = new Client.Part(name, doors, follows, from, patience, pause, work);
    clients.add(new Client(part, tables, history));
  }

  private Random random() {
    return new Random(31 * seed + clients.size());
  }
}
