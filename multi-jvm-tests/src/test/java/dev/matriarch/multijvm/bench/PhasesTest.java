package dev.matriarch.multijvm.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PhasesTest {
  @Test
  void theLogTellsWhenTheLeaderWasLostAndTheNewOneElectedAndPromoted() {
    var log =
        List.of(
            "2026-11-21 22:50:55,548 INFO: leader: none (was node2), term 5",
            "something without a time",
            "2026-11-21 22:51:00,380 INFO: leader: node1 (was none), term 6",
            "2026-11-21 22:51:00,382 INFO: Promote: elected in term 6",
            "2026-11-21 22:51:00,811 INFO: PROMOTE done: on timeline 5 in 171 ms",
            "2026-11-21 22:52:00,811 INFO: leader: none (was node1), term 7");
    assertThat(Phases.logged(log, "node1", LocalDateTime.parse("2026-11-21T22:50:55.048")))
        .containsExactly(
            Map.entry("leader_lost", 500.0),
            Map.entry("elected", 5332.0),
            Map.entry("promoted", 5763.0));
  }

  @Test
  void theNewestFailOverTellsHowLongItsPhasesTook() throws IOException {
    var failovers =
        new ObjectMapper()
            .readTree(
                """
                [{"term": 4, "phases_ms": {"suspected": 1}},
                 {"term": 7, "phases_ms": {"suspected": 510, "promoted": 70.5}}]
                """);
    assertThat(Phases.recorded(failovers))
        .containsOnly(Map.entry("took_suspected", 510.0), Map.entry("took_promoted", 70.5));
  }

  @Test
  void aFailOverOfAnotherNodeTellsNone() throws IOException {
    var json = new ObjectMapper();
    assertThat(Phases.recorded(json.readTree("[{\"term\": 4, \"cause\": \"lost\"}]"))).isEmpty();
    assertThat(Phases.recorded(json.readTree("[]"))).isEmpty();
  }
}
