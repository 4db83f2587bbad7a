package dev.matriarch.protocol.model;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Small sets and maps that nobody can change, walked in the order of what was copied. Those of
 * {@link Set#copyOf} and {@link Map#copyOf} are walked in another order in each JVM, and a decision
 * must be the same wherever it is made from the same facts.
 */
public final class Steady {
  private Steady() {}

  public static <T> Set<T> set(Collection<? extends T> values) {
    return new Values<>(
        List.copyOf(values instanceof Set<?> ? values : new LinkedHashSet<>(values)));
  }

  public static <K, V> Map<K, V> map(Map<? extends K, ? extends V> values) {
    return new Entries<>(
        new Values<>(
            values.entrySet().stream()
                .<Map.Entry<K, V>>map(it -> Map.entry(it.getKey(), it.getValue()))
                .toList()));
  }

  /** A list is smaller than a hash table, and with a handful of values as fast. */
  private static final class Values<T> extends AbstractSet<T> {
    private final List<T> values;

    Values(List<T> values) {
      this.values = values;
    }

    @Override
    public Iterator<T> iterator() {
      return values.iterator();
    }

    @Override
    public int size() {
      return values.size();
    }
  }

  private static final class Entries<K, V> extends AbstractMap<K, V> {
    private final Set<Map.Entry<K, V>> entries;

    Entries(Set<Map.Entry<K, V>> entries) {
      this.entries = entries;
    }

    @Override
    public Set<Map.Entry<K, V>> entrySet() {
      return entries;
    }
  }
}
