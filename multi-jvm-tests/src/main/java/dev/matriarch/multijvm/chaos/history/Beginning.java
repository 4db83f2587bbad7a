package dev.matriarch.multijvm.chaos.history;

/** What the tables hold at first; registers and the counter are 0. */
public final class Beginning {
  public static final int ACCOUNTS = 8;

  /** Of each account. */
  public static final long BALANCE = 100;

  /** Of all accounts together. */
  public static final long MONEY = ACCOUNTS * BALANCE;

  private Beginning() {}
}
