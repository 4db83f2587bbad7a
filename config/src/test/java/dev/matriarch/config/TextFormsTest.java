package dev.matriarch.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.protocol.model.NodeId;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Addresses, quantities and names in the forms that people write. */
class TextFormsTest {

  @ParameterizedTest
  @CsvSource({
    "node1, node1",
    "Node-1.example, node_1_example",
    "a@b, au0064b",
    "a b, au0032b",
    "Ä, u0228",
    "\uD83D\uDE00, u128512",
    "a_b, a_b",
  })
  void aSlotIsNamedAsPatroniNamesIt(String member, String slot) {
    assertThat(SlotNames.of(new NodeId(member))).isEqualTo(slot);
  }

  @Test
  void aSlotNameIsCutTo63Characters() {
    assertThat(SlotNames.of(new NodeId("x".repeat(62) + "@"))).isEqualTo("x".repeat(62) + "u");
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.1:5433, 10.0.0.1, 5433",
    "10.0.0.1, 10.0.0.1, 5432",
    "'*:5433', *, 5433",
    "'a,b:5433', 'a,b', 5433",
    "'a, b', 'a,b', 5432",
    "'[::1]:5433', ::1, 5433",
    "::1, ::1, 5432",
    "'127.0.0.1,[2001:db8::1]:5433', '127.0.0.1,2001:db8::1', 5433",
    "'fe80::1%eth0', 'fe80::1%eth0', 5432",
    "'db-1.example.org:5433', db-1.example.org, 5433",
  })
  void anAddressIsReadInAllItsForms(String text, String hosts, int port) {
    assertThat(ListenAddress.parse(text, 5432))
        .contains(new ListenAddress(List.of(hosts.split(",")), port));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":5432",
        "a:",
        "a:b",
        "a:0",
        "a:65536",
        "a:-1",
        "10.0.0.1:5432:1",
        "a b:1",
        "a,,b",
        "a:1,b:2",
        "[::1",
        "host:99999999999",
        "a;b",
        ","
      })
  void anythingElseIsNoAddress(String text) {
    assertThat(ListenAddress.parse(text, 5432)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "5, 5000",
    "0.1, 100",
    "500ms, 500",
    "30min, 1800000",
    "1 h, 3600000",
    "2d, 172800000",
    "-1, -1000",
  })
  void aTimeHasAUnitOrIsInSeconds(String text, long millis) {
    assertThat(Quantity.duration(text)).contains(Duration.ofMillis(millis));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "soon", "5 parsecs", "1:30", "1e99", "--1"})
  void anythingElseIsNoTime(String text) {
    assertThat(Quantity.duration(text)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "25000000, 25000000",
    "1kB, 1024",
    "128MB, 134217728",
    "1.5GB, 1610612736",
    "1TB, 1099511627776"
  })
  void aSizeHasAUnitOrIsInBytes(String text, long bytes) {
    assertThat(Quantity.bytes(text)).contains(bytes);
  }
}
