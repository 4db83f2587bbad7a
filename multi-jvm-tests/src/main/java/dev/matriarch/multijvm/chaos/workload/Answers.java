package dev.matriarch.multijvm.chaos.workload;

import dev.matriarch.multijvm.chaos.history.Outcome;
import dev.matriarch.multijvm.chaos.history.Value;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.util.Optional;
import java.util.Set;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * What an answer, or none, says of what became of an operation. An error counts as a failure only
 * if the server reports it before it could have committed; whatever else goes wrong, nobody knows.
 */
final class Answers {
  static final String READ_ONLY = "25006";

  /**
   * Classes of errors that a server meets while it works on a statement, or while it checks whether
   * it can commit: the transaction is rolled back. Left out on purpose: 57, for a session that is
   * cancelled or ended may be told so just after its commit; 08, 58 and XX, where it depends.
   */
  private static final Set<String> ROLLED_BACK = Set.of("22", "23", "25", "40", "42", "53", "55");

  private static final String COMPLETION_UNKNOWN = "40003";

  private Answers() {}

  /**
   * Of a statement that was answered, and has committed.
   *
   * @param warning a server that gives up waiting for its standbys has committed nevertheless, and
   *     answers with a warning: the commit is seen at once, and a fail-over may lose it. So that is
   *     not acknowledged, and it has not failed either
   */
  static Outcome committed(Value value, Optional<SQLWarning> warning) {
    return warning
        .<Outcome>map(it -> new Outcome.Unknown("done, with a warning: " + told(it)))
        .orElseGet(() -> new Outcome.Ok(value));
  }

  /** Of a statement that commits by itself, or of a commit. */
  static Outcome broken(SQLException e) {
    return isRolledBack(e) ? new Outcome.Failed(told(e)) : new Outcome.Unknown(told(e));
  }

  /** Of a statement in a transaction for which no commit has been sent. */
  static Outcome notCommitted(SQLException e) {
    return new Outcome.Failed(told(e));
  }

  static boolean isReadOnly(Outcome outcome) {
    return outcome instanceof Outcome.Failed(var why) && why.startsWith(READ_ONLY);
  }

  private static boolean isRolledBack(SQLException e) {
    var severity =
        e instanceof PSQLException told
            ? Optional.ofNullable(told.getServerErrorMessage()).map(ServerErrorMessage::getSeverity)
            : Optional.<String>empty();
    var state = Optional.ofNullable(e.getSQLState()).orElse("");
    return severity.filter("ERROR"::equals).isPresent()
        && state.length() == 5
        && ROLLED_BACK.contains(state.substring(0, 2))
        && !state.equals(COMPLETION_UNKNOWN);
  }

  private static String told(SQLException e) {
    var state = Optional.ofNullable(e.getSQLState()).map(it -> it + " ").orElse("");
    return state + Optional.ofNullable(e.getMessage()).orElse("").lines().findFirst().orElse("");
  }
}
