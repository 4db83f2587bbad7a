package dev.matriarch.multijvm.chaos.workload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.multijvm.chaos.history.Outcome;
import dev.matriarch.multijvm.chaos.history.Value;
import java.io.IOException;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;
import org.postgresql.util.PSQLWarning;
import org.postgresql.util.ServerErrorMessage;

class AnswersTest {
  private static final Value STORED = new Value.Stored(1, 2);

  private static SQLException error(String severity, String state) {
    return new PSQLException(message(severity, state));
  }

  private static ServerErrorMessage message(String severity, String state) {
    return new ServerErrorMessage("S%s\0C%s\0Mwhat is wrong\0".formatted(severity, state));
  }

  @ParameterizedTest
  @ValueSource(strings = {"25006", "40001", "40P01", "23505", "42P01", "53100", "55P03", "22003"})
  void anErrorThatRollsBackIsAFailure(String state) {
    assertThat(Answers.broken(error("ERROR", state)))
        .isEqualTo(new Outcome.Failed(state + " ERROR: what is wrong"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"57014", "57P01", "58030", "XX000", "08006", "40003"})
  void anErrorThatMayComeAfterTheCommitIsUnknown(String state) {
    assertThat(Answers.broken(error("ERROR", state))).isInstanceOf(Outcome.Unknown.class);
  }

  @Test
  void theEndOfASessionSaysNothingOfItsLastCommit() {
    assertThat(Answers.broken(error("FATAL", "57P01"))).isInstanceOf(Outcome.Unknown.class);
    assertThat(Answers.broken(error("FATAL", "53300"))).isInstanceOf(Outcome.Unknown.class);
  }

  @Test
  void aConnectionThatBreaksSaysNothing() {
    var broken =
        new PSQLException("I/O error", PSQLState.CONNECTION_FAILURE, new IOException("reset"));
    assertThat(Answers.broken(broken)).isEqualTo(new Outcome.Unknown("08006 I/O error"));
    assertThat(Answers.broken(new SQLException("no answer"))).isInstanceOf(Outcome.Unknown.class);
  }

  @Test
  void withoutACommitEverythingThatGoesWrongIsAFailure() {
    assertThat(Answers.notCommitted(error("FATAL", "57P01"))).isInstanceOf(Outcome.Failed.class);
  }

  @Test
  void aCommitWithAWarningIsNotAcknowledged() {
    var warning = new PSQLWarning(message("WARNING", "01000"));
    assertThat(Answers.committed(STORED, Optional.of(warning)))
        .isInstanceOfSatisfying(
            Outcome.Unknown.class, it -> assertThat(it.why()).contains("01000", "what is wrong"));
    assertThat(Answers.committed(STORED, Optional.<SQLWarning>empty()))
        .isEqualTo(new Outcome.Ok(STORED));
  }

  @Test
  void onlyARefusedWriteIsReadOnly() {
    assertThat(Answers.isReadOnly(Answers.broken(error("ERROR", "25006")))).isTrue();
    assertThat(Answers.isReadOnly(Answers.broken(error("ERROR", "25P02")))).isFalse();
    assertThat(Answers.isReadOnly(new Outcome.Ok(STORED))).isFalse();
  }
}
