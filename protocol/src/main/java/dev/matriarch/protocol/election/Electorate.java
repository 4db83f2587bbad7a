package dev.matriarch.protocol.election;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.matriarch.protocol.model.NodeId;
import java.util.Collection;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/** The nodes whose votes count, each with the store it must vote from. */
public record Electorate(@JsonValue SortedMap<NodeId, StoreId> stores) {

  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public Electorate {
    stores = Collections.unmodifiableSortedMap(new TreeMap<>(stores));
  }

  /** Configured members, none of them heard yet. */
  public static Electorate ofUnheard(Collection<NodeId> members) {
    var stores = new TreeMap<NodeId, StoreId>();
    members.forEach(member -> stores.put(member, StoreId.UNKNOWN));
    return new Electorate(stores);
  }

  public boolean counts(Voter voter) {
    return voter.store().equals(stores.get(voter.node()));
  }

  /** Whether {@code voters} hold more than half of the votes. */
  public boolean hasMajority(Collection<Voter> voters) {
    return voters.stream().filter(this::counts).distinct().count() >= majority();
  }

  @JsonIgnore
  public int majority() {
    return stores.size() / 2 + 1;
  }

  public Electorate with(Voter voter) {
    var changed = new TreeMap<>(stores);
    changed.put(voter.node(), voter.store());
    return new Electorate(changed);
  }

  public Electorate without(NodeId node) {
    var changed = new TreeMap<>(stores);
    changed.remove(node);
    return new Electorate(changed);
  }
}
