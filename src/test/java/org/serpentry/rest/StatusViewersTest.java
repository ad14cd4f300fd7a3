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
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who looks at the status page, and for how long. */
@Tag("layer-1")
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class StatusViewersTest {
  private final StatusViewers viewers = new StatusViewers(() -> "{}", 5);

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
    Viewer next = admitWhenThereIsRoom();

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

  // The seat is free a moment after the sink has been closed.
  private Viewer admitWhenThereIsRoom() {
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

  /** A client that keeps what it is sent. */
  private static final class Viewer implements SseEventSink {
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
