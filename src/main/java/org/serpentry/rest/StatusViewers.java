// SPDX-License-Identifier: Apache-2.0
package org.serpentry.rest;

import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import jakarta.ws.rs.sse.SseEventSink;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.serpentry.ee.WatchedPools;

/**
 * Those who look at the status page. Each has a daemon thread of its own, since a slow one blocks
 * the thread that sends to it; so there are at most {@value #MOST}. A stream ends after {@value
 * #LIFE_MINUTES} minutes: the page opens the next one, and the role is asked for again. One that
 * does not take an event within {@value #SEND_SECONDS} seconds is dropped.
 */
@ApplicationScoped
public class StatusViewers {
  static final int MOST = 16;
  static final int LIFE_MINUTES = 10;
  static final int SEND_SECONDS = 20;
  private static final long STEP_MILLIS = 1_000;
  private static final long END_MILLIS = 2_000;
  private static final Logger LOG = System.getLogger("org.serpentry.rest");

  @Inject private WatchedPools pools;

  private final Semaphore seats = new Semaphore(MOST);
  private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
  private final CountDownLatch end = new CountDownLatch(1);
  private final Supplier<String> status;
  private final Pace pace;
  private final ThreadFactory makes;
  private final TimeLimits limits = new TimeLimits("serpentry-status-watch");

  /**
   * How long what takes.
   *
   * @param stepMillis between two events
   * @param sendMillis for a viewer to take one
   * @param closeMillis for the server to let one go
   */
  record Pace(long stepMillis, long sendMillis, long closeMillis) {}

  /** For the container. */
  public StatusViewers() {
    this.status = () -> StatusJson.of(pools.running());
    this.pace = new Pace(STEP_MILLIS, TimeUnit.SECONDS.toMillis(SEND_SECONDS), END_MILLIS);
    this.makes = Thread::new;
  }

  StatusViewers(Supplier<String> status, Pace pace, ThreadFactory makes) {
    this.status = status;
    this.pace = pace;
    this.makes = makes;
  }

  /**
   * Lets one look, who is sent the status every second from now on.
   *
   * @param sink the client; closed at the end
   * @param sse makes events
   * @throws RefusedException when too many look already, or the application ends
   */
  public void admit(SseEventSink sink, Sse sse) {
    if (end.getCount() == 0 || !seats.tryAcquire()) {
      sink.close();
      throw new RefusedException(
          Problem.TOO_MANY_VIEWERS, "%d look at the status page already".formatted(MOST));
    }
    Thread thread = null;
    boolean started = false;
    try {
      thread = makes.newThread(() -> serve(sink, sse));
      thread.setName("serpentry-status");
      thread.setDaemon(true);
      thread.setContextClassLoader(StatusViewers.class.getClassLoader());
      threads.add(thread);
      thread.start();
      started = true;
    } finally {
      if (!started) { // There is no room for one more.
        if (thread != null) {
          threads.remove(thread);
        }
        seats.release();
        sink.close();
      }
    }
  }

  private void serve(SseEventSink sink, Sse sse) {
    try {
      show(sink, sse);
    } finally {
      threads.remove(Thread.currentThread());
      seats.release();
    }
  }

  private void show(SseEventSink sink, Sse sse) {
    try {
      long begin = System.nanoTime();
      do {
        limits.within(pace.sendMillis(), () -> send(sink, sse));
      } while (!end.await(pace.stepMillis(), TimeUnit.MILLISECONDS)
          && !sink.isClosed()
          && System.nanoTime() - begin < TimeUnit.MINUTES.toNanos(LIFE_MINUTES));
    } catch (TimeoutException e) {
      LOG.log(Level.DEBUG, "A viewer of the status page does not take its events", e);
    } catch (ExecutionException | IllegalStateException e) {
      LOG.log(Level.DEBUG, "A viewer of the status page has gone", e);
    } catch (InterruptedException e) {
      LOG.log(Level.DEBUG, "The status page has ended", e);
    } catch (RuntimeException e) {
      LOG.log(Level.WARNING, "The status page's events end for a viewer, who may come again", e);
    } finally {
      letGo(sink);
    }
  }

  private void send(SseEventSink sink, Sse sse) throws ExecutionException, InterruptedException {
    OutboundSseEvent event =
        sse.newEventBuilder()
            .name("status")
            .mediaType(MediaType.APPLICATION_JSON_TYPE)
            .data(String.class, status.get())
            .build();
    sink.send(event).toCompletableFuture().get();
  }

  /** Some servers wait, before they close, for the client to read what it has been sent. */
  private void letGo(SseEventSink sink) {
    try {
      limits.within(pace.closeMillis(), sink::close);
    } catch (ExecutionException | TimeoutException | InterruptedException | RuntimeException e) {
      LOG.log(Level.DEBUG, "A viewer of the status page was not let go in order", e);
    }
  }

  /** Ends every stream. */
  @PreDestroy
  public void close() {
    end.countDown();
    try {
      awaitThreads(pace.closeMillis());
      threads.forEach(Thread::interrupt); // Who does not read does not see the end either.
      awaitThreads(pace.closeMillis() + END_MILLIS); // Each has its time to be let go.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      limits.close();
    }
  }

  private void awaitThreads(long millis) throws InterruptedException {
    long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    for (Thread thread : threads) {
      thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime())));
    }
  }
}
