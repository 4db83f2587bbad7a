package dev.matriarch.multijvm.chaos.fault;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Something that is switched on and off, again and again, until it is closed: then it is off. */
final class Pulses implements AutoCloseable {
  private final CountDownLatch end = new CountDownLatch(1);
  private final Thread thread;

  private Pulses(String name, Runnable on, Runnable off, LongSupplier onMs, LongSupplier offMs) {
    thread = Thread.ofPlatform().daemon().name(name).unstarted(() -> work(on, off, onMs, offMs));
  }

  static Pulses start(
      String name, Runnable on, Runnable off, LongSupplier onMs, LongSupplier offMs) {
    var pulses = new Pulses(name, on, off, onMs, offMs);
    pulses.thread.start();
    return pulses;
  }

  private void work(Runnable on, Runnable off, LongSupplier onMs, LongSupplier offMs) {
    var ended = false;
    while (!ended) {
      on.run();
      try {
        ended = waited(onMs);
      } finally {
        off.run();
      }
      ended = ended || waited(offMs);
    }
  }

  private boolean waited(LongSupplier ms) {
    try {
      return end.await(ms.getAsLong(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  @Override
  public void close() {
    end.countDown();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
