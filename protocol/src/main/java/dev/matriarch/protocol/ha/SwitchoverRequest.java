package dev.matriarch.protocol.ha;

import dev.matriarch.protocol.model.NodeId;
import java.util.Optional;

/**
 * An operator wants another member to lead.
 *
 * @param leader who is to lead no more; absent: whoever leads, or nobody does
 * @param candidate who is to lead; absent: the best one
 */
public record SwitchoverRequest(Kind kind, Optional<NodeId> leader, Optional<NodeId> candidate) {

  /** What was asked for, with the words that Patroni has for it. */
  public enum Kind {
    /** From a healthy leader to a member that loses nothing. */
    SWITCHOVER("switchover", "switched over"),

    /** To one certain member, which need not be synchronous; there may be no leader. */
    FAILOVER("failover", "failed over");

    private final String noun;
    private final String participle;

    Kind(String noun, String participle) {
      this.noun = noun;
      this.participle = participle;
    }

    public String noun() {
      return noun;
    }

    String participle() {
      return participle;
    }

    String title() {
      return capital(noun);
    }

    static String capital(String text) {
      return Character.toUpperCase(text.charAt(0)) + text.substring(1);
    }
  }
}
