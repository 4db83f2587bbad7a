package dev.matriarch.protocol.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.protocol.election.Incarnation;
import dev.matriarch.protocol.election.SyncSet;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Tags;
import dev.matriarch.protocol.sync.SyncView.Standby;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;

/** Views of node {@code a}, which leads; {@code b2} is the second incarnation of b. */
abstract class SyncViews {
  static final Duration NOW = Duration.ofSeconds(100);
  static final Optional<SyncSet> ASYNCHRONOUS = Optional.empty();
  static final SyncSetting UNSET = new SyncSetting.Unset();
  static final SyncSetting HELD = new SyncSetting.Held();
  static final SyncPolicy ONE = policy(SyncMode.PRIORITY, false, 1);
  static final SyncPolicy TWO = policy(SyncMode.PRIORITY, false, 2);
  static final SyncPolicy ANY = policy(SyncMode.QUORUM, false, 1);
  static final SyncPolicy ANY_TWO = policy(SyncMode.QUORUM, false, 2);
  static final SyncPolicy STRICT = policy(SyncMode.PRIORITY, true, 1);

  static SyncStep next(SyncPolicy policy, SyncView view) {
    var step = SyncPlan.next(policy, view);
    assertThat(step.because()).isNotBlank();
    return step;
  }

  static void assertAsks(SyncPolicy policy, SyncView view, SyncSetting setting) {
    assertThat(settingOf(next(policy, view))).isEqualTo(setting);
  }

  static SyncSetting settingOf(SyncStep step) {
    return switch (step) {
      case SyncStep.SetPostgres(var setting, _) -> setting;
      case SyncStep.GiveUp(var setting, _) -> setting;
      case SyncStep.Nothing _, SyncStep.Wait _, SyncStep.ProposeRecord _ ->
          throw new AssertionError(step);
    };
  }

  static void assertProposes(SyncPolicy policy, SyncView view, SyncSet set) {
    assertThat(next(policy, view))
        .isInstanceOfSatisfying(
            SyncStep.ProposeRecord.class, it -> assertThat(it.set()).contains(set));
  }

  static void assertWaits(SyncPolicy policy, SyncView view) {
    assertThat(next(policy, view)).isInstanceOf(SyncStep.Wait.class);
  }

  static void assertSettled(SyncPolicy policy, SyncView view) {
    assertThat(next(policy, view)).isInstanceOf(SyncStep.Nothing.class);
  }

  static SyncView view(Optional<SyncSet> record, SyncSetting inForce, Standby... standbys) {
    return view(record, List.of(inForce), inForce, Optional.empty(), standbys);
  }

  static SyncView proven(Optional<SyncSet> record, SyncSet set, Standby... standbys) {
    return view(record, List.of(first(set)), first(set), Optional.of(set), standbys);
  }

  static SyncView view(
      Optional<SyncSet> record,
      List<SyncSetting> inUse,
      SyncSetting asked,
      Optional<SyncSet> proven,
      Standby... standbys) {
    return new SyncView(
        incarnation("a"),
        record,
        false,
        new SyncView.Postgres(Set.copyOf(inUse), asked, proven),
        List.of(standbys),
        NOW);
  }

  static Standby well(String name) {
    return well(name, 0);
  }

  static Standby well(String name, long confirmed) {
    return well(name, confirmed, Map.of());
  }

  static Standby well(String name, long confirmed, Map<String, Object> tags) {
    return new Standby(
        incarnation(name), true, true, new Lsn(confirmed), Optional.empty(), new Tags(tags));
  }

  static Standby gone(String name) {
    return standby(name, false, 0, NOW.minusSeconds(10), Map.of());
  }

  static Standby standby(
      String name, boolean streaming, long confirmed, Duration since, Map<String, Object> tags) {
    return new Standby(
        incarnation(name), streaming, true, new Lsn(confirmed), Optional.of(since), new Tags(tags));
  }

  static SyncSetting first(SyncSet set) {
    return new SyncSetting.Members(set, true);
  }

  static SyncSetting any(SyncSet set) {
    return new SyncSetting.Members(set, false);
  }

  static SyncSet set(int copies, String... names) {
    return new SyncSet(
        Arrays.stream(names).map(SyncViews::incarnation).collect(Collectors.toSet()), copies);
  }

  static Incarnation incarnation(String name) {
    return name.endsWith("2")
        ? new Incarnation(new NodeId(name.substring(0, name.length() - 1)), 2)
        : new Incarnation(new NodeId(name), 1);
  }

  static SyncPolicy policy(SyncMode mode, boolean strict, int nodeCount) {
    return new SyncPolicy(mode, strict, nodeCount, OptionalLong.empty(), SyncPolicy.PATIENCE);
  }
}
