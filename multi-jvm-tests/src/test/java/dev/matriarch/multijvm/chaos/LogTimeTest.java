package dev.matriarch.multijvm.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class LogTimeTest {
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

  @Test
  void anAgentsTimeIsOfThisHostsZone() {
    assertThat(LogTime.of("2026-01-02 03:04:05,678 INFO: leader: node1", BERLIN))
        .contains(Instant.parse("2026-01-02T02:04:05.678Z"));
  }

  @Test
  void aServersTimeNamesItsZone() {
    assertThat(LogTime.of("2026-01-02 03:04:05.678 UTC [17] LOG:  started", BERLIN))
        .contains(Instant.parse("2026-01-02T03:04:05.678Z"));
  }

  @Test
  void aGuardiansTimeHasAnOffset() {
    assertThat(LogTime.of("2026-01-02 03:04:05+0200 [17] watching", ZoneOffset.UTC))
        .contains(Instant.parse("2026-01-02T01:04:05Z"));
  }

  @Test
  void aLineThatGoesOnHasNone() {
    assertThat(LogTime.of("\tat java.base/java.lang.Thread.run", BERLIN)).isEmpty();
    assertThat(LogTime.of("2026-13-02 03:04:05,678 INFO: nonsense", BERLIN)).isEmpty();
  }
}
