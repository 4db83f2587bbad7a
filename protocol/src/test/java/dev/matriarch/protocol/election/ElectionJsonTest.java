package dev.matriarch.protocol.election;

import static dev.matriarch.protocol.election.Bench.A;
import static dev.matriarch.protocol.election.Bench.B;
import static dev.matriarch.protocol.election.Bench.C;
import static dev.matriarch.protocol.election.Bench.ballot;
import static dev.matriarch.protocol.election.Bench.store;
import static dev.matriarch.protocol.election.Bench.value;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.Position;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ElectionJsonTest {
  private static final JsonMapper MAPPER = JsonMapper.builder().addModule(new Jdk8Module()).build();
  private static final Position POSITION = new Position(3, Lsn.parse("16/B374D848"));

  static Stream<ElectionMessage> messages() {
    var version = new Version(ballot(5, B), 2);
    var candidacy =
        new Candidacy(A, true, Optional.of(true), false, Optional.of(POSITION), 3, true);
    return Stream.of(
        new ElectionMessage.Beat(B, version, 7, 5_000, Optional.of(POSITION), true),
        new ElectionMessage.Beat(B, version, 7, 5_000, Optional.empty(), true),
        new ElectionMessage.Granted(A, store(A), ballot(5, B), 7, Version.NONE),
        new ElectionMessage.Canvass(A, 9, 5),
        new ElectionMessage.Opinion(B, 9, true, 6, candidacy),
        new ElectionMessage.Prepare(ballot(6, A), Optional.empty(), false),
        new ElectionMessage.Promise(
            B,
            store(B),
            ballot(6, A),
            new Incarnation(B, -1),
            Optional.of(value(ballot(5, B), 2, record())),
            Optional.of(POSITION),
            true,
            true),
        new ElectionMessage.Promise(
            B,
            store(B),
            ballot(6, A),
            new Incarnation(B, 1),
            Optional.empty(),
            Optional.empty(),
            true,
            true),
        new ElectionMessage.Refused(C, ballot(6, A), 8, 300),
        new ElectionMessage.Accept(value(ballot(6, A), 1, record())),
        new ElectionMessage.Accepted(C, store(C), version),
        new ElectionMessage.Release(
            ballot(6, A), Optional.of(B), Optional.of(POSITION), Optional.of("no commit")),
        new ElectionMessage.Release(
            ballot(6, A), Optional.empty(), Optional.empty(), Optional.empty()),
        new ElectionMessage.Yield(ballot(6, A)));
  }

  @ParameterizedTest
  @MethodSource("messages")
  void everyMessageSurvivesTheWire(ElectionMessage message) throws JsonProcessingException {
    var text = MAPPER.writeValueAsString(message);
    assertThat(MAPPER.readValue(text, ElectionMessage.class)).isEqualTo(message);
  }

  @Test
  void aReleaseByAnOlderAgentHasNoCause() throws JsonProcessingException {
    var release =
        new ElectionMessage.Release(
            ballot(6, A), Optional.of(B), Optional.empty(), Optional.of("why"));
    var old = MAPPER.writeValueAsString(release).replace(",\"because\":\"why\"", "");
    assertThat(old).doesNotContain("because");
    assertThat(MAPPER.readValue(old, ElectionMessage.class))
        .isEqualTo(
            new ElectionMessage.Release(
                ballot(6, A), Optional.of(B), Optional.empty(), Optional.empty()));
  }

  @Test
  void aPromiseByAnOlderAgentHasForgottenNothing() throws JsonProcessingException {
    var promise =
        new ElectionMessage.Promise(
            B,
            store(B),
            ballot(6, A),
            new Incarnation(B, 1),
            Optional.empty(),
            Optional.empty(),
            true,
            true);
    var old = MAPPER.writeValueAsString(promise).replace(",\"forgetful\":false", "");
    assertThat(old).doesNotContain("forgetful");
    assertThat(MAPPER.readValue(old, ElectionMessage.class)).isEqualTo(promise);
  }

  @Test
  void noKindOfMessageIsForgottenHere() {
    var kinds = messages().map(Object::getClass).distinct();
    assertThat(kinds.map(Class::getName))
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(ElectionMessage.class.getPermittedSubclasses())
                .map(Class::getName)
                .toList());
  }

  @Test
  void aVotersStateSurvivesTheDisk() throws JsonProcessingException {
    var fresh = VoterState.fresh(A, store(A), 42);
    var used =
        fresh
            .promising(ballot(4, C))
            .accepting(value(ballot(5, B), 2, record()))
            .reporting(Optional.of(POSITION));
    for (var state : Set.of(fresh, used, fresh.succeeding(7))) {
      var text = MAPPER.writeValueAsString(state);
      assertThat(MAPPER.readValue(text, VoterState.class)).isEqualTo(state);
    }
  }

  private static ClusterRecord record() {
    var changing =
        new RecordChange.Enfranchise(new Voter(C, new StoreId("a new one")))
            .apply(Bench.record(5, B, 3));
    return changing.withConfig(
        Map.of("loop_wait", 10, "postgresql", Map.of("use_slots", true)), 5_000);
  }
}
