package dev.matriarch.actors;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;

/** Actor systems for tests: the shipped configuration, without a network. */
final class TestSystem {
  private static final Config LOCAL = ConfigFactory.parseString("pekko.actor.provider = local");

  private TestSystem() {}

  static ActorTestKit create() {
    return ActorTestKit.create(LOCAL.withFallback(ConfigFactory.load()));
  }

  /** Timers stand still until the test moves the clock. */
  static ActorTestKit withManualTime() {
    return ActorTestKit.create(
        LOCAL.withFallback(ManualTime.config()).withFallback(ConfigFactory.load()));
  }
}
