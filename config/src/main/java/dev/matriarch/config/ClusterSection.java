package dev.matriarch.config;

import dev.matriarch.config.ClusterSettings.Tls;
import dev.matriarch.protocol.model.Endpoint;
import dev.matriarch.protocol.model.NodeId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/** Reads {@code cluster}: the agents among themselves. */
final class ClusterSection {
  static final int PORT = 7400;

  final Optional<Endpoint> listen;
  final Optional<Endpoint> connectAddress;
  final NavigableMap<NodeId, Endpoint> members;

  private final Section section;
  private final Optional<Path> dataDir;
  private final Optional<Tls> tls;

  /**
   * @param restApi an agent alone listens on the host of its REST API
   * @param postgres absent on a witness
   */
  ClusterSection(
      Section root,
      Optional<NodeId> name,
      Optional<Endpoint> restApi,
      Optional<PostgresSection> postgres) {
    section = root.sectionOrEmpty("cluster");
    refuseEmpty(root);
    var configured = members();
    var own = name.map(configured::get);
    connectAddress = connectAddress(name, own, restApi, !configured.isEmpty());
    listen = section.value("listen").isPresent() ? section.listen("listen", PORT) : connectAddress;
    if (configured.isEmpty() && name.isPresent()) {
      connectAddress.ifPresent(at -> configured.put(name.get(), at));
    }
    members = configured;
    refuseClashes();
    dataDir = dataDir(postgres, root.mentions("postgresql"));
    tls = tls();
    section.finish(Map.of());
  }

  /** Only after a reading without problems. */
  ClusterSettings settings() {
    return new ClusterSettings(
        listen.orElseThrow(), connectAddress.orElseThrow(), members, dataDir.orElseThrow(), tls);
  }

  /**
   * An agent without members is a cluster of its own, which promotes its PostgreSQL: that must
   * never come about by leaving something out.
   */
  private void refuseEmpty(Section root) {
    var example = "members: {node1: 10.0.0.1:7400, node2: 10.0.0.2:7400}";
    if (root.mentions("cluster") && root.value("cluster").isEmpty()) {
      root.missing("cluster", "Write the members, '%s', or remove the key.".formatted(example));
    } else if (section.value("members").isEmpty()) {
      if (section.mentions("members")) {
        section.missing(
            "members", "Write all members with their addresses, '%s'.".formatted(example));
      }
      root.keys().stream()
          .filter(NoEffect.STORES::contains)
          .findFirst()
          .ifPresent(store ->
              section.missing(
                  "members",
                  ("The file names the store '%s', which is not used; without members this node"
                          + " would be a cluster of its own with a primary of its own. Write all"
                          + " members into every file, '%s', or remove '%s' if there is only"
                          + " this node.")
                      .formatted(store, example, store)));
    }
  }

  private NavigableMap<NodeId, Endpoint> members() {
    var result = new TreeMap<NodeId, Endpoint>();
    var written = section.sectionOrEmpty("members");
    for (var member : written.keys()) {
      if (member.isBlank()) {
        written.problem(member, "Write the name of a member before the address.");
      } else if (written.value(member).isEmpty()) {
        written.missing(member, "Write the host and port of this member, '10.0.0.1:7400'.");
      } else {
        written.reachable(member, PORT).ifPresent(at -> result.put(new NodeId(member), at));
      }
    }
    return result;
  }

  private Optional<Endpoint> connectAddress(
      Optional<NodeId> name,
      Optional<Endpoint> own,
      Optional<Endpoint> restApi,
      boolean hasMembers) {
    var hasAddress = section.value("connect_address").isPresent();
    var written = section.reachable("connect_address", PORT);
    var memberPath = "members." + name.map(NodeId::value).orElse("NAME");
    if (hasMembers && name.isPresent() && own.isEmpty()) {
      if (!section.sectionOrEmpty("members").keys().contains(name.get().value())) {
        section.missing(
            memberPath,
            "The members must contain this one: add '%s' with its address, or correct 'name'."
                .formatted(name.get()));
      }
      return written;
    }
    if (own.isPresent() && written.isPresent() && !written.equals(own)) {
      section.problem(
          "connect_address",
          "It must be equal to cluster.%s, %s: correct one of them."
              .formatted(memberPath, own.get()));
    }
    if (hasAddress || own.isPresent()) {
      return written.or(() -> own);
    }
    return section
        .listen("listen", PORT)
        .filter(at -> !ListenAddress.isWildcard(at.host()))
        .or(() -> restApi.map(at -> new Endpoint(at.host(), PORT)));
  }

  private void refuseClashes() {
    var written = section.sectionOrEmpty("members");
    var byEndpoint = new HashMap<Endpoint, NodeId>();
    var bySlot = new HashMap<String, NodeId>();
    members.forEach((member, at) -> {
      var sameAddress = byEndpoint.putIfAbsent(at, member);
      if (sameAddress != null) {
        written.problem(
            member.value(),
            "This is the address of '%s' too: each member has its own.".formatted(sameAddress));
      }
      var slot = SlotNames.of(member);
      var sameSlot = bySlot.putIfAbsent(slot, member);
      if (sameSlot != null) {
        written.problem(
            member.value(),
            "Members '%s' and '%s' would both use the replication slot '%s': rename one."
                .formatted(sameSlot, member, slot));
      }
    });
  }

  private Optional<Path> dataDir(Optional<PostgresSection> postgres, boolean meansPostgres) {
    var written = section.path("data_dir");
    if (section.value("data_dir").isPresent()) {
      var inside =
          written.isPresent()
              && postgres.flatMap(p -> p.dataDir).filter(written.get()::startsWith).isPresent();
      if (inside) {
        section.problem(
            "data_dir",
            "The agent's files must not be inside PostgreSQL's data directory, which may be moved"
                + " away as a whole: choose a directory beside it.");
      }
      return written;
    }
    if (!meansPostgres) {
      section.missing(
          "data_dir",
          "A member without a 'postgresql' section is a witness, which must say where it keeps its"
              + " files, '/var/lib/matriarch/node1'. Add this, or the section 'postgresql'.");
    }
    return postgres
        .flatMap(p -> p.dataDir)
        .map(dir -> dir.resolveSibling(dir.getFileName() + ".matriarch"));
  }

  private Optional<Tls> tls() {
    var files = section.section("tls");
    if (files.isEmpty()) {
      return Optional.empty();
    }
    var cert = file(files.get(), "certfile", "the certificate of this member");
    var key = file(files.get(), "keyfile", "the private key of this member, in PKCS#8");
    var ca =
        file(files.get(), "cafile", "the certificate of the authority that signed the members'");
    files.get().finish(Map.of());
    return cert.flatMap(c -> key.flatMap(k -> ca.map(a -> new Tls(c, k, a))));
  }

  private static Optional<Path> file(Section files, String key, String what) {
    if (files.required(key, "Write the path of a PEM file with %s.".formatted(what)).isEmpty()) {
      return Optional.empty();
    }
    var path = files.path(key);
    if (path.isPresent() && !Files.isReadable(path.get())) {
      files.problem(
          key, "There is no such file that this user can read: it should hold %s.".formatted(what));
    }
    return path;
  }
}
