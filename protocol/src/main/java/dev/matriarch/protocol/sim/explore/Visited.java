package dev.matriarch.protocol.sim.explore;

import java.util.Arrays;

/**
 * The states seen, each by 128 bits of hash, in the order in which they were found.
 *
 * <p>Two of n states share their hash with a probability of about n² / 2^129: for a hundred million
 * states less than 1 in 10^22.
 */
final class Visited {
  private long[] high = new long[1 << 12];
  private long[] low = new long[1 << 12];
  private int[] parents = new int[1 << 12];
  private int[] slots = new int[1 << 14];
  private int size;

  Visited() {
    Arrays.fill(slots, -1);
  }

  int size() {
    return size;
  }

  int parent(int index) {
    return parents[index];
  }

  boolean isAt(int index, int[] state) {
    return high[index] == hash(state, 0x9E3779B97F4A7C15L)
        && low[index] == hash(state, 0xC2B2AE3D27D4EB4FL);
  }

  /** Whether the state is new. */
  boolean add(int[] state, int parent) {
    var first = hash(state, 0x9E3779B97F4A7C15L);
    var second = hash(state, 0xC2B2AE3D27D4EB4FL);
    var mask = slots.length - 1;
    var slot = (int) first & mask;
    while (slots[slot] >= 0) {
      if (high[slots[slot]] == first && low[slots[slot]] == second) {
        return false;
      }
      slot = slot + 1 & mask;
    }
    if (size == high.length) {
      grow();
    }
    high[size] = first;
    low[size] = second;
    parents[size] = parent;
    slots[slot] = size++;
    if (2 * size > slots.length) {
      rehash();
    }
    return true;
  }

  private void grow() {
    high = Arrays.copyOf(high, 2 * size);
    low = Arrays.copyOf(low, 2 * size);
    parents = Arrays.copyOf(parents, 2 * size);
  }

  private void rehash() {
    slots = new int[2 * slots.length];
    Arrays.fill(slots, -1);
    var mask = slots.length - 1;
    for (var index = 0; index < size; index++) {
      var slot = (int) high[index] & mask;
      while (slots[slot] >= 0) {
        slot = slot + 1 & mask;
      }
      slots[slot] = index;
    }
  }

  /** The finalizer of splitmix64 (Steele, Lea, Flood 2014) after each number. */
  private static long hash(int[] state, long seed) {
    var hash = seed + state.length;
    for (var number : state) {
      hash = (hash ^ number) * 0xBF58476D1CE4E5B9L + seed;
      hash = (hash ^ hash >>> 30) * 0xBF58476D1CE4E5B9L;
      hash = (hash ^ hash >>> 27) * 0x94D049BB133111EBL;
      hash ^= hash >>> 31;
    }
    return hash;
  }
}
