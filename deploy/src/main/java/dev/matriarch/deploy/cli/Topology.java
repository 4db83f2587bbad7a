package dev.matriarch.deploy.cli;

import dev.matriarch.deploy.cli.ClusterReport.Member;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The members as a tree of replication. Who names no source, or one that is no member, replicates
 * from the leader.
 */
final class Topology {
  /** A member and how many members lie between it and the top, plus one; 0 at the top. */
  record Placed(Member member, int depth) {}

  private final List<Member> members;
  private final List<Placed> placed = new ArrayList<>();
  private final Set<String> seen = new HashSet<>();

  private Topology(List<Member> members) {
    this.members = members;
  }

  static List<Placed> of(List<Member> members) {
    var tree = new Topology(members);
    var leader = members.stream().filter(Member::leads).findFirst();
    leader.ifPresent(top -> tree.place(top, 0));
    // Without a leader, and in a ring of sources, members are left over: they stand at the top.
    members.stream().filter(tree::isRoot).forEach(member -> tree.place(member, 0));
    members.forEach(member -> tree.place(member, 0));
    return tree.placed;
  }

  private boolean isRoot(Member member) {
    return member.source().filter(this::isMember).isEmpty();
  }

  private boolean isMember(String name) {
    return members.stream().anyMatch(member -> member.name().equals(name));
  }

  private void place(Member member, int depth) {
    if (!seen.add(member.name())) {
      return;
    }
    placed.add(new Placed(member, depth));
    members.stream()
        .filter(other -> replicatesFrom(other, member))
        .forEach(other -> place(other, depth + 1));
  }

  private boolean replicatesFrom(Member replica, Member source) {
    return replica
        .source()
        .filter(this::isMember)
        .map(name -> name.equals(source.name()))
        .orElse(source.leads());
  }
}
