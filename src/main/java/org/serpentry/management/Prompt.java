// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * Asks what may block, such as a store on a network, for a console that must not wait for it. One
 * question is under way at a time; who asks meanwhile waits for its answer. Any thread.
 *
 * @param <T> the answer's type
 */
public final class Prompt<T> {

  private static final Duration PATIENCE = Duration.ofMillis(500);

  private final String what;
  private final Duration patience;
  private final AtomicReference<CompletableFuture<T>> underWay = new AtomicReference<>();

  /**
   * Asks with patience for half a second.
   *
   * @param what who is asked, for messages and the name of its thread
   */
  public Prompt(String what) {
    this(what, PATIENCE);
  }

  Prompt(String what, Duration patience) {
    this.what = what;
    this.patience = patience;
  }

  /**
   * Asks.
   *
   * @param blocks whether the answer may take long; else the calling thread gets it by itself
   * @param question gives the answer
   * @return the answer
   * @throws IllegalStateException when it does not come in time, or the question failed; the
   *     exception is one that any console can read
   */
  public T ask(boolean blocks, Supplier<T> question) {
    try {
      return blocks ? waited(question) : question.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause().getMessage());
    } catch (TimeoutException e) {
      throw new IllegalStateException(
          "The %s has not answered within %d ms; what was asked goes on"
              .formatted(what, patience.toMillis()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while the " + what + " was asked");
    } catch (RuntimeException e) {
      throw new IllegalStateException(e.getMessage());
    }
  }

  private T waited(Supplier<T> question)
      throws ExecutionException, TimeoutException, InterruptedException {
    CompletableFuture<T> mine = new CompletableFuture<>();
    CompletableFuture<T> other = underWay.compareAndExchange(null, mine);
    if (other == null) {
      try {
        Thread thread = new Thread(() -> answer(question, mine), "serpentry-" + what);
        thread.setDaemon(true);
        thread.setContextClassLoader(Prompt.class.getClassLoader());
        thread.start();
      } catch (RuntimeException | Error e) { // No room for a thread now; there may be later.
        underWay.set(null);
        mine.completeExceptionally(e);
        throw e;
      }
    }
    return (other == null ? mine : other).get(patience.toNanos(), TimeUnit.NANOSECONDS);
  }

  private void answer(Supplier<T> question, CompletableFuture<T> asked) {
    try {
      T answer = question.get();
      underWay.set(null); // First: who has an answer can ask anew.
      asked.complete(answer);
    } catch (RuntimeException | Error e) {
      underWay.set(null);
      asked.completeExceptionally(e);
    }
  }
}
