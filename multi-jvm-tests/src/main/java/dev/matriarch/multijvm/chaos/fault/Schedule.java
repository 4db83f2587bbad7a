package dev.matriarch.multijvm.chaos.fault;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;

/**
 * Rounds of strikes, drawn from a seed. A round depends on seed, kinds, limit and its own number
 * alone, so any of them can be had again without those before it.
 *
 * <p>The kinds are shuffled like a pack of cards, and each round is led by the next one: every kind
 * has had its turn before one comes a second time.
 */
public final class Schedule {
  /** Of ten rounds so many have one strike only, if more are allowed. */
  private static final int ALONE_OF_TEN = 6;

  /** So long after the first one the others begin, at the latest, and while it lasts. */
  private static final Duration LATEST = Duration.ofSeconds(6);

  /**
   * What happens before the cluster is let alone.
   *
   * @param number from 1
   * @param strikes in the order of their beginning
   */
  public record Round(int number, List<Strike> strikes) {
    public Round {
      strikes = List.copyOf(strikes);
    }

    @Override
    public String toString() {
      return "round %d: %s"
          .formatted(
              number, strikes.stream().map(Strike::toString).collect(Collectors.joining("; ")));
    }
  }

  private final long seed;
  private final List<FaultKind> kinds;
  private final int overlap;

  /**
   * A schedule.
   *
   * @param kinds those that are drawn; in which order they are given does not matter
   * @param overlap how many strikes a round may have
   */
  public Schedule(long seed, Collection<FaultKind> kinds, int overlap) {
    if (kinds.isEmpty() || overlap < 1) {
      throw new IllegalArgumentException("no faults to draw");
    }
    this.seed = seed;
    this.kinds = kinds.stream().distinct().sorted().toList();
    this.overlap = overlap;
  }

  /** A round, counted from 1. */
  public Round round(int number) {
    var random = random(number);
    var first = strike(leader(number), Duration.ZERO, random);
    var strikes = new ArrayList<>(List.of(first));
    var companions = kinds.stream().filter(it -> !it.isAlone()).toList();
    if (!first.kind().isAlone() && !companions.isEmpty()) {
      for (var more = companions(random); more > 0; more--) {
        var latest = Math.min(LATEST.toMillis(), first.hold().toMillis());
        var begin = Duration.ofMillis(random.nextLong(latest + 1));
        strikes.add(strike(companions.get(random.nextInt(companions.size())), begin, random));
      }
    }
    strikes.sort(Comparator.comparing(Strike::begin));
    return new Round(number, strikes);
  }

  private int companions(Random random) {
    return overlap == 1 || random.nextInt(10) < ALONE_OF_TEN ? 0 : 1 + random.nextInt(overlap - 1);
  }

  private FaultKind leader(int number) {
    var pack = new ArrayList<>(kinds);
    Collections.shuffle(pack, random(-1 - (number - 1) / kinds.size()));
    return pack.get((number - 1) % kinds.size());
  }

  private static Strike strike(FaultKind kind, Duration begin, Random random) {
    var whom =
        switch (kind.aim()) {
          case ANY -> random.nextBoolean() ? Strike.Whom.PRIMARY : Strike.Whom.STANDBY;
          case PRIMARY -> Strike.Whom.PRIMARY;
          case STANDBY -> Strike.Whom.STANDBY;
          case ALL -> Strike.Whom.ALL;
        };
    var range = kind.longest().minus(kind.shortest()).toMillis();
    var hold = kind.shortest().plusMillis(random.nextLong(range + 1));
    return new Strike(kind, whom, begin, hold, random.nextLong());
  }

  /** Neighbouring seeds of {@link Random} begin alike, so they are spread first. */
  private Random random(int stream) {
    var mixed = (seed + stream * 0x9E3779B97F4A7C15L) * 0xBF58476D1CE4E5B9L;
    return new Random(mixed ^ (mixed >>> 31));
  }
}
