package dev.matriarch.multijvm.chaos.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.multijvm.chaos.history.FinalState;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class BankCheckTest {
  @Test
  void moneyThatMovesStaysTheSame() {
    var script =
        new Script()
            .balances("node1", 0, 1, 100L, 100L, 100L, 100L, 100L, 100L, 100L, 100L)
            .balances("node2", 0, 1, 0L, 200L, 90L, 110L, 100L, 100L, 150L, 50L);
    assertThat(script.broken()).isEmpty();
  }

  @Test
  void moneyThatAppearsInASnapshotOfAReplicaIsFound() {
    var verdict =
        new Script()
            .balances("node3", 0, 1, 0L, 200L, 90L, 110L, 100L, 100L, 150L, 51L)
            .judge(Mode.ASYNCHRONOUS);
    assertThat(verdict.violations())
        .singleElement()
        .satisfies(it -> assertThat(it.rule()).isEqualTo(Rule.BALANCES_CONSTANT))
        .asString()
        .contains("801 in 8 accounts", "node3");
  }

  @Test
  void anOverdrawnAccountIsFound() {
    var script =
        new Script().balances("node1", 0, 1, -10L, 210L, 100L, 100L, 100L, 100L, 100L, 100L);
    assertThat(script.broken()).containsExactly(Rule.BALANCES_CONSTANT);
  }

  @Test
  void anAccountThatIsGoneIsFound() {
    assertThat(new Script().balances("node1", 0, 1, 400L, 400L).broken())
        .containsExactly(Rule.BALANCES_CONSTANT);
  }

  @Test
  void moneyThatIsMissingAtTheEndIsFound() {
    var poor =
        new FinalState(
            "node1",
            1,
            new TreeSet<>(),
            new TreeMap<>(),
            List.of(100L, 100L, 100L, 100L, 100L, 100L, 100L, 99L),
            0);
    assertThat(new Script().end(poor).broken()).containsExactly(Rule.BALANCES_CONSTANT);
  }
}
