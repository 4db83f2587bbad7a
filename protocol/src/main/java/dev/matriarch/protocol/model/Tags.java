package dev.matriarch.protocol.model;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.Map;

/**
 * A member's {@code tags}: what it may be used for.
 *
 * @param values as configured, the known false ones left out; text, numbers and booleans
 */
public record Tags(Map<String, Object> values) {
  public static final Tags NONE = new Tags(Map.of());

  public Tags {
    values = Steady.map(values);
  }

  /** Never becomes primary: {@code nofailover: true}, or a {@code failover_priority} below 1. */
  @JsonIgnore
  public boolean mayLead() {
    return failoverPriority() > 0;
  }

  /** Among equal positions the larger wins; 0 or less means never. */
  @JsonIgnore
  public int failoverPriority() {
    if (values.get("nofailover") instanceof Boolean never) {
      return never ? 0 : Math.max(1, number("failover_priority", 1));
    }
    return number("failover_priority", 1);
  }

  /**
   * Among standbys the larger is synchronous first; 0 or less means never, as does {@code nosync:
   * true}.
   */
  @JsonIgnore
  public int syncPriority() {
    if (values.get("nosync") instanceof Boolean never) {
      return never ? 0 : Math.max(1, number("sync_priority", 1));
    }
    return number("sync_priority", 1);
  }

  @JsonIgnore
  public boolean noLoadBalance() {
    return is("noloadbalance");
  }

  @JsonIgnore
  public boolean cloneFrom() {
    return is("clonefrom");
  }

  private boolean is(String key) {
    return Boolean.TRUE.equals(values.get(key));
  }

  private int number(String key, int otherwise) {
    return values.get(key) instanceof Number number ? number.intValue() : otherwise;
  }
}
