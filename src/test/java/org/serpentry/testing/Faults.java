// SPDX-License-Identifier: Apache-2.0
package org.serpentry.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.serpentry.api.PythonFunction;
import org.serpentry.spi.Codec;

/**
 * Orders faults of a {@link TestPool}'s workers. An order waits until a process comes to its
 * moment, strikes that one alone, and is spent. Any thread may call.
 */
public final class Faults {

  /** The Python module of the kit; its functions are listed at {@link TestPool#function}. */
  public static final String MODULE = "serpentry_faults";

  private final Path orders;
  private final Codec codec;
  private final AtomicLong last = new AtomicLong();

  Faults(Path orders, Codec codec) {
    this.orders = orders;
    this.codec = codec;
  }

  /**
   * Strikes the next process that comes to a moment. At {@link Moment#READING_CALL} and the moments
   * of a reply that is whichever worker gets the next request, a health probe's included.
   *
   * @param moment when
   * @param fault what it does then
   * @throws IllegalArgumentException when the fault cannot strike at that moment
   */
  public void next(Moment moment, Fault fault) {
    byte[] order = codec.encode(fault.orderFor(moment));
    String name = "%s-%012d".formatted(moment.wire(), last.incrementAndGet());
    try {
      // Whole at once, since a worker may look at any time.
      Path draft = Files.write(orders.resolve("." + name), order);
      Files.move(draft, orders.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException("the order " + name + " cannot be given", e);
    }
  }

  /**
   * A call whose own reply is struck, whichever worker it gets.
   *
   * @param pool the pool to call
   * @param value what the function returns
   * @param moment {@link Moment#BEFORE_REPLY}, {@link Moment#MID_REPLY} or {@link
   *     Moment#AFTER_REPLY}
   * @param fault what the worker does then
   * @return the request, to be ended by a verb
   */
  public PythonFunction answer(TestPool pool, Object value, Moment moment, Fault fault) {
    if (moment.compareTo(Moment.BEFORE_REPLY) < 0) {
      throw new IllegalArgumentException("A call's own reply cannot be struck at " + moment);
    }
    return pool.function(MODULE + ":answer").args(value, moment.wire(), fault.orderFor(moment));
  }

  /** How many orders no process has come to yet. */
  public int pending() {
    return list().size();
  }

  /** Takes back the orders that no process has come to yet. */
  public void clear() {
    for (Path order : list()) {
      try {
        Files.deleteIfExists(order);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private List<Path> list() {
    try (Stream<Path> found = Files.list(orders)) {
      return found.filter(file -> !file.getFileName().toString().startsWith(".")).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
