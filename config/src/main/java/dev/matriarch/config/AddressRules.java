package dev.matriarch.config;

import dev.matriarch.protocol.model.Endpoint;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What must hold between the addresses of different sections. */
final class AddressRules {
  private final RestApiSection restApi;
  private final Optional<PostgresSection> postgres;
  private final ClusterSection cluster;
  private final Findings findings;

  AddressRules(
      RestApiSection restApi,
      Optional<PostgresSection> postgres,
      ClusterSection cluster,
      Findings findings) {
    this.restApi = restApi;
    this.postgres = postgres;
    this.cluster = cluster;
    this.findings = findings;
  }

  void check() {
    refuseLoopbackAmongHosts();
    refuseSharedPorts();
  }

  /** Loopback addresses reach only this host: fine for a whole cluster on it, and for no other. */
  private void refuseLoopbackAmongHosts() {
    var published = new LinkedHashMap<String, Endpoint>();
    restApi.connectAddress.ifPresent(at -> published.put("restapi.connect_address", at));
    postgres
        .flatMap(section -> section.connectAddress)
        .ifPresent(at -> published.put("postgresql.connect_address", at));
    cluster.members.forEach((member, at) -> published.put("cluster.members." + member, at));
    var loopback =
        published.entrySet().stream()
            .filter(entry -> ListenAddress.isLoopback(entry.getValue().host()))
            .toList();
    if (loopback.isEmpty()) {
      return;
    }
    var allMembers =
        cluster.members.values().stream().allMatch(at -> ListenAddress.isLoopback(at.host()));
    if (allMembers) {
      findings.warn(
          "all members are on the loopback address: the cluster is only reachable from this host");
      return;
    }
    for (var entry : loopback) {
      findings.problem(
          entry.getKey(),
          entry.getValue().format(),
          "Other members are on other hosts and cannot reach a loopback address: write an address"
              + " of this host in their network.",
          0);
    }
  }

  private void refuseSharedPorts() {
    var ports = new ArrayList<Map.Entry<String, Endpoint>>();
    restApi.listen.ifPresent(at -> ports.add(Map.entry("restapi.listen", at)));
    cluster.listen.ifPresent(at -> ports.add(Map.entry("cluster.listen", at)));
    postgres
        .flatMap(section -> section.listen)
        .ifPresent(address ->
            address
                .hosts()
                .forEach(host ->
                    ports.add(Map.entry("postgresql.listen", new Endpoint(host, address.port())))));
    for (var index = 0; index < ports.size(); index++) {
      report(ports.get(index), ports.subList(0, index));
    }
  }

  private void report(
      Map.Entry<String, Endpoint> later, List<Map.Entry<String, Endpoint>> earlier) {
    earlier.stream()
        .filter(other -> !other.getKey().equals(later.getKey()))
        .filter(other -> collide(other.getValue(), later.getValue()))
        .findFirst()
        .ifPresent(other ->
            findings.problem(
                later.getKey(),
                later.getValue().format(),
                "The port is taken by %s: choose another one.".formatted(other.getKey()),
                0));
  }

  private static boolean collide(Endpoint one, Endpoint other) {
    return one.port() == other.port()
        && (one.host().equals(other.host())
            || ListenAddress.isWildcard(one.host())
            || ListenAddress.isWildcard(other.host()));
  }
}
