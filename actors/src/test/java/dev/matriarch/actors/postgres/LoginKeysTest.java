package dev.matriarch.actors.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.matriarch.config.PostgresSettings.Credentials;
import java.nio.charset.StandardCharsets;
import java.security.spec.InvalidKeySpecException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class LoginKeysTest {
  private static final String ALGORITHM = "PBKDF2WithHmacSHA256";

  @BeforeAll
  static void install() {
    LoginKeys.install();
    LoginKeys.install(); // once more does no harm
  }

  @Test
  void keysAreThoseOfThePlatform() throws Exception {
    var factory = SecretKeyFactory.getInstance(ALGORITHM);
    var platform = SecretKeyFactory.getInstance(ALGORITHM, "SunJCE");
    assertThat(factory.getProvider()).isInstanceOf(LoginKeys.class);
    for (var n = 1; n <= 100; n++) {
      for (var time = 0; time < 2; time++) {
        var key = factory.generateSecret(spec("secret" + n % 7, "salt" + n % 5, n));
        assertThat(key.getEncoded())
            .isEqualTo(
                platform.generateSecret(spec("secret" + n % 7, "salt" + n % 5, n)).getEncoded());
      }
    }
  }

  @Test
  void aKeyIsMadeOnce() throws Exception {
    var factory = SecretKeyFactory.getInstance(ALGORITHM);
    var before = LoginKeys.made();
    for (var time = 0; time < 50; time++) {
      assertThat(factory.generateSecret(spec("once", "salt", 4096)).getEncoded()).hasSize(32);
    }
    assertThat(LoginKeys.made() - before).isEqualTo(1);
    var _ = factory.generateSecret(spec("once", "another salt", 4096));
    assertThat(LoginKeys.made() - before).isEqualTo(2);
  }

  @Test
  void oldOnesAreForgotten() throws Exception {
    var factory = SecretKeyFactory.getInstance(ALGORITHM);
    var _ = factory.generateSecret(spec("forgotten", "salt", 1));
    for (var n = 0; n < 32; n++) {
      var _ = factory.generateSecret(spec("other" + n, "salt", 1));
    }
    var before = LoginKeys.made();
    var _ = factory.generateSecret(spec("forgotten", "salt", 1));
    assertThat(LoginKeys.made() - before).isEqualTo(1);
  }

  @Test
  void aPasswordWithoutSaltIsRefused() throws Exception {
    var factory = SecretKeyFactory.getInstance(ALGORITHM);
    assertThatThrownBy(() -> factory.generateSecret(new PBEKeySpec("secret".toCharArray())))
        .isInstanceOf(InvalidKeySpecException.class);
  }

  @Test
  void onlyTheFirstOfManyLoginsMakesAKey() throws Exception {
    try (var fixture = new PgFixture()) {
      var primary = fixture.primary("a");
      primary.execute("CREATE ROLE someone LOGIN PASSWORD 'once'");
      var before = LoginKeys.made();
      for (var login = 0; login < 10; login++) {
        assertThat(logsIn(primary, "once")).isTrue();
      }
      assertThat(LoginKeys.made() - before).isEqualTo(1);
      assertThat(logsIn(primary, "wrong")).isFalse();
      primary.execute("ALTER ROLE someone PASSWORD 'other'");
      assertThat(logsIn(primary, "once")).isFalse();
      assertThat(logsIn(primary, "other")).isTrue();
    }
  }

  private static boolean logsIn(PgFixture.Node server, String password) {
    var someone = new Credentials("someone", Optional.of(password));
    try (var connection =
        PgConnection.to(server.endpoint(), someone).open("test", Duration.ofSeconds(10))) {
      return connection.isValid(10);
    } catch (SQLException e) {
      assertThat(e.getSQLState()).as(e.getMessage()).isEqualTo("28P01");
      return false;
    }
  }

  private static PBEKeySpec spec(String password, String salt, int rounds) {
    return new PBEKeySpec(
        password.toCharArray(), salt.getBytes(StandardCharsets.UTF_8), rounds, 256);
  }
}
