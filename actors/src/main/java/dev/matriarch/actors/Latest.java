package dev.matriarch.actors;

/** The newest of a value that one thread sets and any thread reads; never null. */
public final class Latest<T> {
  private volatile T value;

  public Latest(T first) {
    value = first;
  }

  public T get() {
    return value;
  }

  public void set(T newest) {
    value = newest;
  }
}
