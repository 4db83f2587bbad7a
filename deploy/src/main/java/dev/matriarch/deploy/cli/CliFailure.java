package dev.matriarch.deploy.cli;

/** A command could not do its work; the message is for the operator and says what to do. */
public final class CliFailure extends RuntimeException {
  private static final long serialVersionUID = 1;

  public CliFailure(String message) {
    super(message);
  }
}
