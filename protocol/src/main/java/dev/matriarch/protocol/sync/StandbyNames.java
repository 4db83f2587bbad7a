package dev.matriarch.protocol.sync;

import dev.matriarch.protocol.election.Incarnation;
import dev.matriarch.protocol.election.SyncSet;
import dev.matriarch.protocol.model.NodeId;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A value of {@code synchronous_standby_names}.
 *
 * @param inOrder {@code FIRST} instead of {@code ANY}
 * @param count for how many of the names commits wait; 0 only without names
 * @param names application names, unquoted
 */
public record StandbyNames(boolean inOrder, int count, List<String> names) {
  /** No standby has this name, for it is no incarnation's. */
  public static final String PLACEHOLDER = "matriarch holds commits";

  /** Commits wait for nobody. */
  public static final StandbyNames NONE = new StandbyNames(false, 0, List.of());

  /** Commits wait for a standby that does not exist. */
  public static final StandbyNames HOLD = new StandbyNames(false, 1, List.of(PLACEHOLDER));

  public StandbyNames {
    names = List.copyOf(names);
    if (names.isEmpty() ? count != 0 : count < 1) {
      throw new IllegalArgumentException("%d of the names %s".formatted(count, names));
    }
  }

  /**
   * The value for a setting of the primary {@code leader}.
   *
   * @throws IllegalArgumentException if a member's node is no standby's name ({@link
   *     IncarnationName#canName})
   */
  public static StandbyNames of(SyncSetting setting, NodeId leader) {
    return switch (setting) {
      case SyncSetting.Unset _ -> NONE;
      case SyncSetting.Held _ -> HOLD;
      case SyncSetting.Members(var set, var inOrder) ->
          new StandbyNames(
              inOrder,
              set.copies() - 1,
              set.members().stream()
                  .filter(it -> !it.node().equals(leader))
                  .map(IncarnationName::format)
                  .sorted()
                  .toList());
    };
  }

  /** Empty: PostgreSQL would not accept the text, or the number has more than 31 bits. */
  public static Optional<StandbyNames> parse(String text) {
    return text.isEmpty() ? Optional.of(NONE) : new StandbyNamesReader(text).read();
  }

  /** The setting that has this value; empty: none of ours has. */
  public Optional<SyncSetting> setting(Incarnation leader) {
    if (names.isEmpty()) {
      return Optional.of(new SyncSetting.Unset());
    }
    if (sameAs(HOLD)) {
      return Optional.of(new SyncSetting.Held());
    }
    var members = new HashSet<Incarnation>();
    members.add(leader);
    names.forEach(it -> IncarnationName.parse(it).ifPresent(members::add));
    if (members.size() != names.size() + 1
        || count > names.size()
        || (inOrder && count < names.size())) {
      return Optional.empty();
    }
    return Optional.of(new SyncSetting.Members(new SyncSet(members, count + 1), inOrder));
  }

  /**
   * What a process that goes by this value does. More standbys than there are names are waited for
   * only on the way between two values, and hold all commits; a value that is none of ours promises
   * nothing.
   */
  public SyncSetting meaning(Incarnation leader) {
    return !names.contains("*") && count > names.size()
        ? new SyncSetting.Held()
        : setting(leader).orElseGet(SyncSetting.Unset::new);
  }

  /** Every name quoted, so that none is a keyword, a number or two names. */
  public String format() {
    return names.isEmpty()
        ? ""
        : names.stream()
            .map(it -> '"' + it.replace("\"", "\"\"") + '"')
            .collect(
                Collectors.joining(
                    ", ", "%s %d (".formatted(inOrder ? "FIRST" : "ANY", count), ")"));
  }

  /** Whether a connection with this application name may count. */
  public boolean names(String applicationName) {
    return names.stream()
        .anyMatch(it -> it.equals("*") || folded(it).equals(folded(applicationName)));
  }

  /** Whether PostgreSQL does the same by both. */
  public boolean sameAs(StandbyNames other) {
    return inOrder == other.inOrder
        && count == other.count
        && comparable().equals(other.comparable());
  }

  private List<String> comparable() {
    var folded = names.stream().map(StandbyNames::folded);
    return (inOrder ? folded : folded.sorted()).toList();
  }

  /** PostgreSQL compares them without regard to case. */
  private static String folded(String name) {
    return name.toLowerCase(Locale.ROOT);
  }
}
