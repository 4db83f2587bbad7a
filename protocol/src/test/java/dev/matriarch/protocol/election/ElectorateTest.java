package dev.matriarch.protocol.election;

import static dev.matriarch.protocol.election.Bench.A;
import static dev.matriarch.protocol.election.Bench.B;
import static dev.matriarch.protocol.election.Bench.C;
import static dev.matriarch.protocol.election.Bench.store;
import static dev.matriarch.protocol.election.Bench.voters;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ElectorateTest {
  private static final Voter A_VOTES = new Voter(A, store(A));
  private static final Voter B_VOTES = new Voter(B, store(B));
  private static final Voter NEW_C = new Voter(C, new StoreId("a new one"));

  @Test
  void aMajorityIsMoreThanHalfOfTheVoters() {
    assertThat(voters().hasMajority(List.of(A_VOTES, B_VOTES))).isTrue();
    assertThat(voters().hasMajority(List.of(A_VOTES))).isFalse();
  }

  @Test
  void nobodyVotesTwice() {
    assertThat(voters().hasMajority(List.of(A_VOTES, A_VOTES))).isFalse();
  }

  @Test
  void aStoreThatTheListDoesNotNameDoesNotCount() {
    assertThat(voters().hasMajority(List.of(A_VOTES, NEW_C))).isFalse();
    assertThat(voters().with(NEW_C).hasMajority(List.of(A_VOTES, NEW_C))).isTrue();
  }

  @Test
  void aMemberThatWasNeverHeardCountsForNobody() {
    var unheard = Electorate.ofUnheard(List.of(A, B, C)).with(A_VOTES);
    assertThat(unheard.majority()).isEqualTo(2);
    assertThat(unheard.hasMajority(List.of(A_VOTES, B_VOTES))).isFalse();
  }

  @Test
  void whileVotersChangeAQuorumNeedsBothLists() {
    var changing = new RecordChange.Enfranchise(NEW_C).apply(Bench.record(5, A, 3));
    assertThat(changing.isQuorum(List.of(A_VOTES, NEW_C))).isFalse();
    assertThat(changing.isQuorum(List.of(A_VOTES, B_VOTES))).isTrue();
    var settled = new RecordChange.Settle().apply(changing);
    assertThat(settled.isQuorum(List.of(A_VOTES, NEW_C))).isTrue();
  }
}
