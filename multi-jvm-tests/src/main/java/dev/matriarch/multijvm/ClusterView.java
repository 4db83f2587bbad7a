package dev.matriarch.multijvm;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;

/** What one node says of all: {@code GET /cluster}. */
public record ClusterView(List<Member> members) {
  /**
   * One member.
   *
   * @param timeline 0: not known
   */
  public record Member(String name, String role, String state, int timeline) {
    public boolean leads() {
      return role.equals("leader") && state.equals("running");
    }

    public boolean streams() {
      return !role.equals("leader") && state.equals("streaming");
    }
  }

  static ClusterView of(JsonNode cluster) {
    return new ClusterView(
        StreamSupport.stream(cluster.path("members").spliterator(), false)
            .map(it ->
                new Member(
                    it.path("name").asText(),
                    it.path("role").asText(),
                    it.path("state").asText(),
                    it.path("timeline").asInt()))
            .toList());
  }

  /**
   * One leader, and all others with PostgreSQL stream from it on its timeline.
   *
   * @param witnesses so many of the members have none
   */
  public boolean isWhole(int size, int witnesses) {
    return members.size() == size
        && members.stream().filter(Member::leads).count() == 1
        && members.stream().filter(Member::streams).count() == size - witnesses - 1
        && members.stream()
                .filter(it -> it.leads() || it.streams())
                .map(Member::timeline)
                .distinct()
                .count()
            == 1;
  }

  public Optional<Member> leader() {
    return members.stream().filter(Member::leads).findFirst();
  }

  public Optional<Member> member(String name) {
    return members.stream().filter(it -> it.name().equals(name)).findFirst();
  }
}
