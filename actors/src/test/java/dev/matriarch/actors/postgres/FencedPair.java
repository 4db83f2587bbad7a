package dev.matriarch.actors.postgres;

import dev.matriarch.actors.postgres.PgFixture.Node;
import java.io.IOException;

/** A primary, and a standby with a fence that streams from it. */
final class FencedPair implements AutoCloseable {
  final PgFixture fixture = new PgFixture();
  final Node primary;
  final FencedNode standby;

  FencedPair() throws Exception {
    try {
      primary = fixture.primary("a");
      standby = new FencedNode(fixture.standby("b", primary));
    } catch (Exception | Error e) {
      fixture.close();
      throw e;
    }
  }

  /** One more standby of the primary, with a fence; whoever asks for it closes it. */
  FencedNode another(String name) throws Exception {
    return new FencedNode(fixture.standby(name, primary));
  }

  @Override
  public void close() throws IOException {
    standby.close();
    fixture.close();
  }
}
