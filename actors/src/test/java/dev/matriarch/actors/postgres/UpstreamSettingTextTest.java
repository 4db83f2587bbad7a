package dev.matriarch.actors.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.protocol.model.Endpoint;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UpstreamSettingTextTest {
  @Test
  void readsWhatTheAgentWrites() {
    for (var host : new String[] {"10.0.0.1", "fe80::1", "db-1.example.org", "o'brien \\ co"}) {
      var endpoint = new Endpoint(host, 5433);
      var written =
          new Conninfo(
              endpoint,
              "repl host=evil",
              "a 'b' port=1",
              Path.of("/x y/pgpass"),
              new TreeMap<>(Map.of("sslmode", "prefer")));
      assertThat(UpstreamSettingText.endpoint(written.format())).contains(endpoint);
    }
  }

  @Test
  void aValueIsNoKeyword() {
    assertThat(endpoint("password='x host=h2 port=9' host=h1 application_name=port=7"))
        .contains(new Endpoint("h1", 5432));
    assertThat(endpoint("hostaddr=10.0.0.9 host=h1")).contains(new Endpoint("h1", 5432));
  }

  @Test
  void spaceQuotesAndBackslashesAreLibpqs() {
    assertThat(endpoint("  host =  h1\tport\n= '5433' ")).contains(new Endpoint("h1", 5433));
    assertThat(endpoint("host=a\\ b")).contains(new Endpoint("a b", 5432));
    assertThat(endpoint("host='it\\'s'port=6")).contains(new Endpoint("it's", 6));
  }

  @Test
  void theLastValueCounts() {
    assertThat(endpoint("host=h1 port=1 host=h2 port=2")).contains(new Endpoint("h2", 2));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "user=repl",
        "host",
        "host=",
        "host=''",
        "host='h1",
        "host=h1 port=",
        "host=h1 port=x",
        "host=h1 port=99999",
        "host=h1,h2",
        "=h1",
        "host=h1 'x",
        "postgresql://h1:5432/postgres",
      })
  void whatCannotBeUnderstoodIsNobody(String text) {
    assertThat(endpoint(text)).isEmpty();
  }

  private static Optional<Endpoint> endpoint(String text) {
    return UpstreamSettingText.endpoint(text);
  }
}
