package dev.matriarch.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.apache.pekko.util.ByteString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FirstHeadTest {
  private static final String PROBE = "OPTIONS /primary HTTP/1.1\r\nconnection: close\r\n\r\n";
  private static final String REPAIRED =
      "OPTIONS /primary HTTP/1.1\r\nHost: localhost\r\nconnection: close\r\n\r\n";

  @Test
  void aProbeOfHttp11WithoutHostGetsOne() {
    assertThat(passed(List.of(PROBE))).isEqualTo(REPAIRED);
    assertThat(passed(List.of("GET / HTTP/1.1\r\n\r\n")))
        .isEqualTo("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }

  @Test
  void itMayComeByteByByte() {
    assertThat(passed(List.of(PROBE.split("")))).isEqualTo(REPAIRED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nX: y\r\nhOST:a\r\n\r\nbody",
        "GET / HTTP/1.0\r\n\r\n",
        "GET / HTTP/1.0\n\n",
        "\r\n\r\n",
        "nonsense\r\n\r\n"
      })
  void everythingElseIsPassedOnAsItIs(String bytes) {
    assertThat(passed(List.of(bytes))).isEqualTo(bytes);
    assertThat(passed(List.of(bytes.split("")))).isEqualTo(bytes);
  }

  @Test
  void aHeadWithoutEndIsNotKeptForever() {
    var endless = "GET / HTTP/1.0\r\nX: " + "y".repeat(20_000);
    assertThat(passed(List.of(endless))).isEqualTo(endless);
  }

  @Test
  void onlyTheFirstRequestIsLookedAt() {
    assertThat(passed(List.of(PROBE, PROBE))).isEqualTo(REPAIRED + PROBE);
  }

  @Test
  void aHostInTheBodyIsNoHeader() {
    assertThat(passed(List.of("POST / HTTP/1.1\r\n\r\nHost: a"))).contains("localhost");
  }

  private static String passed(List<String> parts) {
    var head = new FirstHead();
    var out = new StringBuilder();
    for (var part : parts) {
      head.accept(ByteString.fromString(part)).forEach(bytes -> out.append(bytes.utf8String()));
    }
    return out.toString();
  }
}
