package dev.matriarch.actors.postgres;

import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Prints what the servers of a failed test have logged, while their files are still there. */
final class ServerLogsOnFailure implements AfterTestExecutionCallback {
  @Override
  public void afterTestExecution(ExtensionContext context) {
    if (context.getExecutionException().isPresent()) {
      PgFixture.OPEN.forEach(it -> System.out.println(it.serverLogs()));
    }
  }
}
