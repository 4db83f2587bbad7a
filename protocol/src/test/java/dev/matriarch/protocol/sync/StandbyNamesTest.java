package dev.matriarch.protocol.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.matriarch.protocol.election.Incarnation;
import dev.matriarch.protocol.election.SyncSet;
import dev.matriarch.protocol.model.NodeId;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class StandbyNamesTest {
  private static final Incarnation LEADER = incarnation("a", 1);

  @Test
  void settingIsWrittenWithoutTheLeaderAndReadBack() {
    var set = new SyncSet(Set.of(LEADER, incarnation("b", 0xCAFE), incarnation("c", -1)), 2);
    assertThat(text(new SyncSetting.Members(set, false)))
        .isEqualTo("ANY 1 (\"b_000000000000cafe\", \"c_ffffffffffffffff\")");
    var both = new SyncSet(Set.of(LEADER, incarnation("b", 1)), 2);
    assertThat(text(new SyncSetting.Members(both, true)))
        .isEqualTo("FIRST 1 (\"b_0000000000000001\")");
    assertReadBack(new SyncSetting.Members(set, false));
    assertReadBack(new SyncSetting.Members(both, true));
  }

  @Test
  void nobodyAndThePlaceholderAreReadBack() {
    assertThat(text(new SyncSetting.Unset())).isEmpty();
    assertThat(text(new SyncSetting.Held())).isEqualTo("ANY 1 (\"matriarch holds commits\")");
    assertReadBack(new SyncSetting.Unset());
    assertReadBack(new SyncSetting.Held());
    assertThat(IncarnationName.parse(StandbyNames.PLACEHOLDER)).isEmpty();
  }

  @Test
  void oddNamesAreQuotedAndReadBack() {
    for (var name :
        List.of("ANY", "first", "*", "2", "b\"c", "b, c", "b)", "_", "b_1", "$x", "''")) {
      var set = new SyncSet(Set.of(LEADER, incarnation(name, 7)), 2);
      assertReadBack(new SyncSetting.Members(set, true));
    }
  }

  @Test
  void incarnationIsReadBackFromItsName() {
    for (var number : new long[] {0, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE}) {
      for (var node : List.of("b", "b_1", "_", "x".repeat(IncarnationName.NODE_MAX))) {
        var name = IncarnationName.format(incarnation(node, number));
        assertThat(name).hasSizeLessThan(64);
        assertThat(IncarnationName.parse(name)).contains(incarnation(node, number));
      }
    }
    for (var name :
        List.of("", "b", "_0000000000000001", "b_1", "b-0000000000000001", "b_000000000000000x")) {
      assertThat(IncarnationName.parse(name)).as(name).isEmpty();
    }
  }

  @Test
  void nameThatPostgresWouldNotKeepIsRefused() {
    for (var node : List.of("x".repeat(IncarnationName.NODE_MAX + 1), "bär", "b\tc")) {
      assertThat(IncarnationName.canName(new NodeId(node))).isFalse();
      assertThatThrownBy(() -> IncarnationName.format(incarnation(node, 1)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("printable ASCII");
    }
  }

  @Test
  void whatPostgresAcceptsIsRead() {
    assertRead("b", new StandbyNames(true, 1, List.of("b")));
    assertRead("b, \"C d\"", new StandbyNames(true, 1, List.of("b", "C d")));
    assertRead("2 (b, c)", new StandbyNames(true, 2, List.of("b", "c")));
    assertRead("any 2(b,\n c )", new StandbyNames(false, 2, List.of("b", "c")));
    assertRead(" First 1 (\"a\"\"b\") ", new StandbyNames(true, 1, List.of("a\"b")));
    assertRead("*", new StandbyNames(true, 1, List.of("*")));
    assertRead("2", new StandbyNames(true, 1, List.of("2")));
    assertRead("1, 2", new StandbyNames(true, 1, List.of("1", "2")));
    assertRead("\"\"", new StandbyNames(true, 1, List.of("")));
    assertRead("b$2", new StandbyNames(true, 1, List.of("b$2")));
    assertRead("\"any\"", new StandbyNames(true, 1, List.of("any")));
  }

  @Test
  void whatPostgresRefusesIsNotRead() {
    for (var text :
        List.of(
            " ",
            "b c",
            "b,",
            ",b",
            "ANY",
            "ANY (b)",
            "ANY 1 b",
            "ANY 1 ()",
            "ANY 0 (b)",
            "ANY 1 (b",
            "b)",
            "\"b",
            "b, any",
            "b;c",
            "2b",
            "$x",
            "1.5 (b)",
            "99999999999 (b)",
            "ANY 1 (b) c")) {
      assertThat(StandbyNames.parse(text)).as(text).isEmpty();
    }
  }

  @Test
  void foreignValueIsNoSetting() {
    for (var text :
        List.of(
            "*",
            "b",
            "ANY 1 (b)",
            "FIRST 1 (b_0000000000000001, c_0000000000000001)",
            "ANY 2 (b_0000000000000001)",
            "ANY 1 (b_0000000000000001, b_0000000000000001)",
            "ANY 1 (a_0000000000000001)")) {
      assertThat(StandbyNames.parse(text).orElseThrow().setting(LEADER)).as(text).isEmpty();
    }
  }

  @Test
  void caseAndTheOrderOfAnyDoNotMatter() {
    var names = new StandbyNames(false, 1, List.of("b_01", "c_02"));
    assertThat(names.sameAs(new StandbyNames(false, 1, List.of("C_02", "b_01")))).isTrue();
    assertThat(names.sameAs(new StandbyNames(true, 1, List.of("b_01", "c_02")))).isFalse();
    assertThat(
            new StandbyNames(true, 1, List.of("b", "c"))
                .sameAs(new StandbyNames(true, 1, List.of("c", "b"))))
        .isFalse();
    assertThat(names.names("B_01")).isTrue();
    assertThat(names.names("d")).isFalse();
    assertThat(new StandbyNames(true, 1, List.of("*")).names("d")).isTrue();
  }

  private static void assertRead(String text, StandbyNames names) {
    assertThat(StandbyNames.parse(text)).as(text).contains(names);
  }

  private static void assertReadBack(SyncSetting setting) {
    var read = StandbyNames.parse(text(setting)).orElseThrow();
    assertThat(read).isEqualTo(StandbyNames.of(setting, LEADER.node()));
    assertThat(read.setting(LEADER)).contains(setting);
  }

  private static String text(SyncSetting setting) {
    return StandbyNames.of(setting, LEADER.node()).format();
  }

  private static Incarnation incarnation(String node, long number) {
    return new Incarnation(new NodeId(node), number);
  }
}
