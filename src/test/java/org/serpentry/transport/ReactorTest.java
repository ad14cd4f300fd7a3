// SPDX-License-Identifier: Apache-2.0
package org.serpentry.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("core-pool")
@Tag("layer-1")
class ReactorTest {

  private final BlockingQueue<Throwable> errors = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> ran = new LinkedBlockingQueue<>();
  private Reactor reactor;

  @BeforeEach
  void make() throws IOException {
    reactor = new Reactor(Thread::new, System::nanoTime, errors::add);
  }

  @AfterEach
  void stop() throws InterruptedException {
    assertThat(reactor.stop(5_000)).isTrue();
  }

  private String next() throws InterruptedException {
    return ran.poll(10, TimeUnit.SECONDS);
  }

  @Test
  void runsTasksInTheirOrderOnItsOneThread() throws Exception {
    reactor.start();
    CompletableFuture<Boolean> inside = new CompletableFuture<>();
    for (int i = 0; i < 1_000; i++) {
      String name = "task " + i;
      reactor.execute(() -> ran.add(name));
    }
    reactor.execute(() -> inside.complete(reactor.onThread()));
    assertThat(inside.get(10, TimeUnit.SECONDS)).isTrue();
    assertThat(reactor.onThread()).isFalse();
    assertThat(ran)
        .containsExactlyElementsOf(IntStream.range(0, 1_000).mapToObj(i -> "task " + i).toList());
  }

  @Test
  void runsTimersByTheirTimeNotByTheirOrder() throws Exception {
    reactor.schedule(60, TimeUnit.MILLISECONDS, () -> ran.add("third"));
    reactor.schedule(1, TimeUnit.MILLISECONDS, () -> ran.add("first"));
    reactor.schedule(30, TimeUnit.MILLISECONDS, () -> ran.add("second"));
    long begin = System.nanoTime();
    reactor.start();
    assertThat(List.of(next(), next(), next())).containsExactly("first", "second", "third");
    assertThat(System.nanoTime() - begin).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(50));
  }

  @Test
  void runsTimersOfTheSameTimeInTheOrderInWhichTheyWereMade() throws Exception {
    try (Standing standing = new Standing()) {
      int count = 100;
      for (int i = 0; i < count; i++) {
        String name = "timer " + i;
        standing.reactor.schedule(0, TimeUnit.NANOSECONDS, () -> ran.add(name));
      }
      standing.reactor.start();
      for (int i = 0; i < count; i++) {
        assertThat(next()).isEqualTo("timer " + i);
      }
    }
  }

  /** A reactor whose clock stands. */
  private final class Standing implements AutoCloseable {
    private final Reactor reactor = new Reactor(Thread::new, () -> 7, errors::add);

    Standing() throws IOException {}

    @Override
    public void close() throws InterruptedException {
      assertThat(reactor.stop(5_000)).isTrue();
    }
  }

  @Test
  void dropsTimersThatWereCancelled() throws Exception {
    reactor.start();
    Reactor.Timer cancelled =
        reactor.schedule(20, TimeUnit.MILLISECONDS, () -> ran.add("cancelled"));
    cancelled.cancel();
    reactor.schedule(40, TimeUnit.MILLISECONDS, () -> ran.add("kept"));
    assertThat(next()).isEqualTo("kept");
    assertThat(ran).isEmpty();
  }

  @Test
  void survivesManyCancelledTimers() throws Exception {
    reactor.start();
    for (int i = 0; i < 10_000; i++) {
      reactor.schedule(1, TimeUnit.HOURS, () -> ran.add("never")).cancel();
    }
    reactor.schedule(1, TimeUnit.MILLISECONDS, () -> ran.add("kept"));
    assertThat(next()).isEqualTo("kept");
  }

  @Test
  void wakesUpForATimerThatComesBeforeTheOneItWaitsFor() throws Exception {
    reactor.start();
    reactor.schedule(1, TimeUnit.HOURS, () -> ran.add("late"));
    reactor.schedule(5, TimeUnit.MILLISECONDS, () -> ran.add("early"));
    assertThat(next()).isEqualTo("early");
  }

  @Test
  void reportsWhatATaskThrowsAndGoesOn() throws Exception {
    reactor.start();
    IllegalStateException thrown = new IllegalStateException("as asked");
    AssertionError error = new AssertionError("an Error too");
    reactor.execute(
        () -> {
          throw thrown;
        });
    reactor.schedule(
        1,
        TimeUnit.MILLISECONDS,
        () -> {
          throw error;
        });
    assertThat(errors.poll(10, TimeUnit.SECONDS)).isSameAs(thrown);
    assertThat(errors.poll(10, TimeUnit.SECONDS)).isSameAs(error);
    reactor.execute(() -> ran.add("after"));
    assertThat(next()).isEqualTo("after");
  }

  @Test
  void handsReadyChannelsToTheirHandlers() throws Exception {
    Pipe pipe = Pipe.open();
    try (Pipe.SourceChannel source = pipe.source();
        Pipe.SinkChannel sink = pipe.sink()) {
      source.configureBlocking(false);
      reactor.register(
          source,
          SelectionKey.OP_READ,
          key -> {
            ran.add("readable");
            key.interestOps(0);
          });
      reactor.start();
      sink.write(ByteBuffer.wrap(new byte[] {1}));
      assertThat(next()).isEqualTo("readable");
    }
  }

  @Test
  void runsWhatWasGivenBeforeItsEndAndEndsItsThread() throws Exception {
    reactor.start();
    CountDownLatch blocked = new CountDownLatch(1);
    reactor.execute(
        () -> {
          try {
            blocked.await();
          } catch (InterruptedException e) {
            ran.add("interrupted");
          }
        });
    reactor.execute(() -> ran.add("last"));
    blocked.countDown();
    assertThat(reactor.stop(5_000)).isTrue();
    assertThat(ran).containsExactly("last");
  }

  @Test
  void reportsAnErrorThatEndsIt() throws Exception {
    AssertionError broken = new AssertionError("the clock broke");
    Reactor doomed =
        new Reactor(
            Thread::new,
            () -> {
              throw broken;
            },
            errors::add);
    doomed.start();
    doomed.execute(() -> ran.add("task"));
    assertThat(errors.poll(10, TimeUnit.SECONDS)).isSameAs(broken);
    assertThat(doomed.stop(5_000)).isTrue();
    assertThat(doomed.ended()).isTrue();
  }
}
