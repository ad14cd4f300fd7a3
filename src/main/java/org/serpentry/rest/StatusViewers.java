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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.serpentry.ee.WatchedPools;

/**
 * Those who look at the status page. Each has a daemon thread of its own, since a slow one blocks
 * the thread that sends to it; so there are at most {@value #MOST}. A stream ends after {@value
 * #LIFE_MINUTES} minutes: the page opens the next one, and the role is asked for again.
 */
@ApplicationScoped
public class StatusViewers {
  static final int MOST = 16;
  static final int LIFE_MINUTES = 10;
  private static final long STEP_MILLIS = 1_000;
  private static final long SEND_SECONDS = 20;
  private static final long END_MILLIS = 2_000;
  private static final Logger LOG = System.getLogger("org.serpentry.rest");

  @Inject private WatchedPools pools;

  private final Semaphore seats = new Semaphore(MOST);
  private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
  private final CountDownLatch end = new CountDownLatch(1);
  private final Supplier<String> status;
  private final long stepMillis;

  /** For the container. */
  public StatusViewers() {
    this.status = () -> StatusJson.of(pools.running());
    this.stepMillis = STEP_MILLIS;
  }

  StatusViewers(Supplier<String> status, long stepMillis) {
    this.status = status;
    this.stepMillis = stepMillis;
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
    Thread thread = new Thread(() -> serve(sink, sse), "serpentry-status");
    thread.setDaemon(true);
    thread.setContextClassLoader(StatusViewers.class.getClassLoader());
    threads.add(thread);
    thread.start();
  }

  private void serve(SseEventSink sink, Sse sse) {
    try (sink) {
      long begin = System.nanoTime();
      do {
        send(sink, sse);
      } while (!end.await(stepMillis, TimeUnit.MILLISECONDS)
          && !sink.isClosed()
          && System.nanoTime() - begin < TimeUnit.MINUTES.toNanos(LIFE_MINUTES));
    } catch (ExecutionException | TimeoutException | IllegalStateException e) {
      LOG.log(Level.DEBUG, "A viewer of the status page has gone", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.log(Level.WARNING, "The status page's events end for a viewer, who may come again", e);
    } finally {
      threads.remove(Thread.currentThread());
      seats.release();
    }
  }

  private void send(SseEventSink sink, Sse sse)
      throws ExecutionException, TimeoutException, InterruptedException {
    OutboundSseEvent event =
        sse.newEventBuilder()
            .name("status")
            .mediaType(MediaType.APPLICATION_JSON_TYPE)
            .data(String.class, status.get())
            .build();
    sink.send(event).toCompletableFuture().get(SEND_SECONDS, TimeUnit.SECONDS);
  }

  /** Ends every stream. */
  @PreDestroy
  public void close() {
    end.countDown();
    for (Thread thread : threads) {
      try {
        thread.join(END_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }
}
