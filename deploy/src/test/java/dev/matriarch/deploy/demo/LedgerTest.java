package dev.matriarch.deploy.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.deploy.demo.Ledger.Acknowledged;
import dev.matriarch.deploy.demo.Ledger.Kill;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Rows 1 to 5 by server 1, killed at 5.5; rows 6 to 9 by server 2. Each row has 100 bytes of WAL.
 */
final class LedgerTest {
  private static final Kill KILL = new Kill(1, 5.5, 6);
  private final List<Acknowledged> rows = new ArrayList<>();

  LedgerTest() {
    LongStream.rangeClosed(1, 9).forEach(id -> rows.add(row(id, id <= 5 ? 1 : 2)));
  }

  private static Acknowledged row(long id, int port) {
    return new Acknowledged(id, port, id * 100, id);
  }

  private static Set<Long> allBut(Long... missing) {
    return LongStream.rangeClosed(1, 9)
        .boxed()
        .filter(id -> !List.of(missing).contains(id))
        .collect(Collectors.toSet());
  }

  private Ledger.Verdict judge(long lagMaxBytes, Set<Long> found) {
    return new Ledger(lagMaxBytes).judge(rows, List.of(KILL), found);
  }

  @Test
  void nothingMissingPasses() {
    var verdict = judge(0, allBut());

    assertThat(verdict.faults()).isEmpty();
    assertThat(verdict.lost()).isZero();
    assertThat(verdict.acknowledged()).isEqualTo(9);
  }

  @Test
  void theLastRowsOfTheKilledPrimaryMayBeMissingWithinTheLimit() {
    var verdict = judge(200, allBut(4L, 5L));

    assertThat(verdict.faults()).isEmpty();
    assertThat(verdict.lost()).isEqualTo(2);
    assertThat(verdict.lostBytes()).isEqualTo(200);
  }

  @Test
  void moreWalThanTheLimitFails() {
    assertThat(judge(199, allBut(4L, 5L)).faults())
        .containsExactly("2 rows with 200 bytes of WAL were lost at once; 199 are allowed");
  }

  @Test
  void aRowBeforeOneThatSurvivedFails() {
    assertThat(judge(1000, allBut(3L, 5L)).faults())
        .singleElement()
        .asString()
        .contains("1 acknowledged rows are missing that no fail-over explains");
  }

  @Test
  void aRowOfTheNewPrimaryFails() {
    assertThat(judge(1000, allBut(9L)).faults()).hasSize(1);
    assertThat(judge(1000, allBut(6L)).faults()).hasSize(1);
  }

  @Test
  void aKilledPrimaryThatAcknowledgesAfterItsSuccessorFails() {
    rows.add(row(10, 1));

    assertThat(judge(0, allBut()).faults())
        .contains("the killed primary (port 1) acknowledged row 10, 4 ms after its successor did");
  }

  @Test
  void aKilledPrimaryMayLeadAgainAfterTheNextKill() {
    rows.add(row(10, 1));
    var kills = List.of(KILL, new Kill(2, 9.5, 10));
    var found = LongStream.rangeClosed(1, 10).boxed().collect(Collectors.toSet());

    assertThat(new Ledger(0).judge(rows, kills, found).faults()).isEmpty();
  }
}
