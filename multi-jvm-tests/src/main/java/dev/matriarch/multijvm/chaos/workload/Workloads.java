package dev.matriarch.multijvm.chaos.workload;

import dev.matriarch.multijvm.JvmNode;
import dev.matriarch.multijvm.Router;
import dev.matriarch.multijvm.TestCluster;
import dev.matriarch.multijvm.chaos.history.FinalState;
import dev.matriarch.multijvm.chaos.history.History;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * All clients of a run. Writers insert rows, of which some follow the primary and one stays at each
 * node; others use registers, a counter and accounts; one reader stays at each node. Where hosts
 * have networks of their own, one more writer and one more reader go through a HAProxy.
 */
public final class Workloads implements AutoCloseable {
  private final Plan plan;
  private final Tables tables;
  private final List<Client> clients;
  private Optional<Router> router;

  private Workloads(Plan plan, Tables tables, List<Client> clients, Optional<Router> router) {
    this.plan = plan;
    this.tables = tables;
    this.clients = clients;
    this.router = router;
  }

  /**
   * As the other, at all nodes with data, and with clients inside each host that has a network of
   * its own.
   */
  public static Workloads start(TestCluster cluster, long seed, History history) {
    var nodes = cluster.dataNodes();
    var inside = nodes.stream().allMatch(it -> it.place().namespace().isPresent());
    return start(cluster, new Plan(nodes, inside), seed, history);
  }

  /**
   * Makes the tables anew on the leader, and begins.
   *
   * @param seed what is asked in which order depends on it; what comes of it is up to the machine
   */
  public static Workloads start(TestCluster cluster, Plan plan, long seed, History history) {
    var tables = Tables.make(cluster.leader());
    var apart = plan.nodes().stream().anyMatch(it -> it.place().namespace().isPresent());
    var outside = apart ? Optional.of(cluster.network().clients()) : Optional.<String>empty();
    var router = outside.map(_ -> Router.start(cluster));
    var clients = Cast.of(plan, tables, outside, router, seed, history);
    clients.forEach(Client::start);
    return new Workloads(plan, tables, clients, router);
  }

  /** Ends all clients; answers that are under way are not waited for long. Can be called twice. */
  @Override
  public void close() {
    clients.forEach(Client::stop);
    clients.forEach(Client::join);
    var ending = router;
    router = Optional.empty();
    ending.ifPresent(Router::close);
  }

  /** What a node has now; only after {@link #close} and replay of everything it is final. */
  public FinalState read(JvmNode node) {
    return tables.read(node);
  }

  /**
   * Ends all clients, waits until every node has replayed what the leader has written, and reads.
   *
   * @throws AssertionError if a node does not get there in time; it says how far it has come
   */
  public List<FinalState> readAll(JvmNode leader, Duration patience) {
    close();
    Tables.awaitCalm(leader, patience);
    var timeline = Tables.timeline(leader);
    var end = Tables.position(leader);
    var states = new ArrayList<FinalState>();
    for (var node : plan.nodes()) {
      Tables.awaitReplay(node, end, timeline, patience);
      states.add(read(node));
    }
    return states;
  }
}
