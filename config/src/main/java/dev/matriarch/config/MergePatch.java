package dev.matriarch.config;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Changes a configuration as a JSON merge patch does (RFC 7396): objects are merged at any depth,
 * {@code null} removes a key, everything else, lists too, is replaced.
 */
public final class MergePatch {
  private MergePatch() {}

  /** The patched configuration; neither argument is changed. The order of keys is kept. */
  public static Map<String, Object> apply(
      Map<String, ? extends @Nullable Object> target,
      Map<String, ? extends @Nullable Object> patch) {
    var result = new LinkedHashMap<String, Object>();
    target.forEach((key, value) -> {
      if (value != null) {
        result.put(key, value);
      }
    });
    patch.forEach((key, value) -> {
      switch (value) {
        case null -> result.remove(key);
        case Map<?, ?> below -> result.put(key, apply(object(result.get(key)), object(below)));
        default -> result.put(key, value);
      }
    });
    return result;
  }

  private static Map<String, @Nullable Object> object(@Nullable Object value) {
    var map = new LinkedHashMap<String, @Nullable Object>();
    if (value instanceof Map<?, ?> entries) {
      entries.forEach((key, below) -> map.put(String.valueOf(key), below));
    }
    return map;
  }
}
