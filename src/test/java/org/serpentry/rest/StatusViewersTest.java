// SPDX-License-Identifier: Apache-2.0
package org.serpentry.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import jakarta.ws.rs.sse.SseEventSink;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who looks at the status page, and for how long. */
@Tag("layer-1")
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class StatusViewersTest {
  private static final StatusViewers.Pace PATIENT =
      new StatusViewers.Pace(5, TimeUnit.MINUTES.toMillis(10), TimeUnit.SECONDS.toMillis(30));
  private static final StatusViewers.Pace IMPATIENT = new StatusViewers.Pace(5, 50, 50);

  private final StatusViewers viewers = new StatusViewers(() -> "{}", PATIENT, Thread::new);

  @Test
  void aViewerIsSentTheStatusAgainAndAgainUntilTheEnd() throws InterruptedException {
    Viewer viewer = new Viewer();

    viewers.admit(viewer, viewer.sse());
    assertThat(viewer.next()).isEqualTo("{}");
    assertThat(viewer.next()).isEqualTo("{}");
    viewers.close();

    viewer.awaitClosed();
  }

  @Test
  void oneThatHasGoneIsForgottenAndMakesRoom() throws InterruptedException {
    List<Viewer> all = new ArrayList<>();
    for (int i = 0; i < StatusViewers.MOST; i++) {
      Viewer viewer = new Viewer();
      viewers.admit(viewer, viewer.sse());
      viewer.next();
      all.add(viewer);
    }
    Viewer late = new Viewer();
    assertThatThrownBy(() -> viewers.admit(late, late.sse()))
        .isInstanceOfSatisfying(
            RefusedException.class,
            refused -> assertThat(refused.problem()).isEqualTo(Problem.TOO_MANY_VIEWERS));
    late.awaitClosed();

    all.get(0).leave();
    all.get(0).awaitClosed();
    Viewer next = admitWhenThereIsRoom(viewers);

    assertThat(next.next()).isEqualTo("{}");
    viewers.close();
    next.awaitClosed();
  }

  @Test
  void nobodyIsAdmittedAfterTheEnd() {
    viewers.close();
    Viewer viewer = new Viewer();

    assertThatThrownBy(() -> viewers.admit(viewer, viewer.sse()))
        .isInstanceOf(RefusedException.class);
  }

  @Test
  void viewersWhoDoNotTakeTheirEventsAreDroppedHoweverTheServerWaitsForThem() throws Exception {
    StatusViewers hurried = new StatusViewers(() -> "{}", IMPATIENT, Thread::new);
    for (int i = 0; i < StatusViewers.MOST; i++) {
      Viewer viewer = i % 2 == 0 ? new BlockingViewer() : new NeverReadingViewer();
      hurried.admit(viewer, viewer.sse());
    }

    Viewer next = admitWhenThereIsRoom(hurried);

    assertThat(next.next()).isEqualTo("{}");
    hurried.close();
    next.awaitClosed();
  }

  @Test
  void theEndDoesNotWaitForWhoDoesNotRead() throws Exception {
    StatusViewers patient =
        new StatusViewers(
            () -> "{}", new StatusViewers.Pace(5, TimeUnit.MINUTES.toMillis(10), 50), Thread::new);
    BlockingViewer viewer = new BlockingViewer();
    patient.admit(viewer, viewer.sse());
    viewer.next();

    patient.close();

    viewer.awaitClosed();
  }

  @Test
  void whereNoThreadCanBeStartedTheSeatStaysFree() throws InterruptedException {
    AtomicInteger refused = new AtomicInteger();
    ThreadFactory full =
        task ->
            new Thread(task) {
              @Override
              public synchronized void start() {
                if (refused.getAndIncrement() <= StatusViewers.MOST) {
                  throw new OutOfMemoryError("unable to create native thread");
                }
                super.start();
              }
            };
    StatusViewers many = new StatusViewers(() -> "{}", PATIENT, full);
    for (int i = 0; i <= StatusViewers.MOST; i++) {
      Viewer viewer = new Viewer();
      assertThatThrownBy(() -> many.admit(viewer, viewer.sse()))
          .isInstanceOf(OutOfMemoryError.class);
      viewer.awaitClosed();
    }

    Viewer viewer = new Viewer();
    many.admit(viewer, viewer.sse());

    assertThat(viewer.next()).isEqualTo("{}");
    many.close();
    viewer.awaitClosed();
  }

  // The seat is free a moment after the sink has been closed.
  private static Viewer admitWhenThereIsRoom(StatusViewers viewers) {
    while (true) {
      Viewer viewer = new Viewer();
      try {
        viewers.admit(viewer, viewer.sse());
        return viewer;
      } catch (RefusedException e) {
        Thread.onSpinWait();
      }
    }
  }

  /** One whose server blocks the thread that sends, as Jersey does. */
  private static final class BlockingViewer extends Viewer {
    @Override
    public CompletionStage<?> send(OutboundSseEvent event) {
      super.send(event);
      try {
        new CountDownLatch(1).await();
        throw new AssertionError("nobody opens this");
      } catch (InterruptedException e) {
        return CompletableFuture.failedFuture(e);
      }
    }
  }

  /** One whose server keeps what is not read, and waits for its end at the close: RESTEasy. */
  private static final class NeverReadingViewer extends Viewer {
    @Override
    public CompletionStage<?> send(OutboundSseEvent event) {
      super.send(event);
      return new CompletableFuture<>();
    }

    @Override
    public void close() {
      try {
        new CountDownLatch(1).await();
      } catch (InterruptedException e) {
        super.close();
      }
    }
  }

  /** A client that keeps what it is sent. */
  private static class Viewer implements SseEventSink {
    private final BlockingQueue<String> received = new LinkedBlockingQueue<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile boolean gone;

    @Override
    public boolean isClosed() {
      return closed.getCount() == 0;
    }

    @Override
    public CompletionStage<?> send(OutboundSseEvent event) {
      if (gone) {
        return CompletableFuture.failedFuture(new IOException("broken pipe"));
      }
      received.add((String) event.getData());
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public void close() {
      closed.countDown();
    }

    String next() throws InterruptedException {
      String text = received.poll(30, TimeUnit.SECONDS);
      assertThat(text).as("an event within 30 s").isNotNull();
      return text;
    }

    void leave() {
      gone = true;
    }

    void awaitClosed() throws InterruptedException {
      assertThat(closed.await(30, TimeUnit.SECONDS)).as("closed within 30 s").isTrue();
    }

    /** Makes events that only hold their data. */
    Sse sse() {
      ClassLoader loader = getClass().getClassLoader();
      return (Sse)
          Proxy.newProxyInstance(
              loader, new Class<?>[] {Sse.class}, (proxy, method, arguments) -> builder(loader));
    }

    private static Object builder(ClassLoader loader) {
      String[] data = new String[1];
      return Proxy.newProxyInstance(
          loader,
          new Class<?>[] {OutboundSseEvent.Builder.class},
          (builder, method, arguments) -> {
            if (method.getName().equals("data")) {
              data[0] = (String) arguments[1];
            }
            return method.getName().equals("build") ? event(loader, data[0]) : builder;
          });
    }

    private static Object event(ClassLoader loader, String data) {
      return Proxy.newProxyInstance(
          loader, new Class<?>[] {OutboundSseEvent.class}, (proxy, method, arguments) -> data);
    }
  }
}
