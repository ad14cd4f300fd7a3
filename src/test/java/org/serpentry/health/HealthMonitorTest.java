// SPDX-License-Identifier: Apache-2.0
package org.serpentry.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.serpentry.api.FailureKind;
import org.serpentry.api.Health;
import org.serpentry.api.WorkerActivity;
import org.serpentry.api.WorkerState;
import org.serpentry.transport.Reactor;
import org.serpentry.worker.BegunWords;
import org.serpentry.worker.RunningCall;
import org.serpentry.worker.Worker;

/** The monitor alone, before a ward of one worker. */
@Tag("core-pool")
@Tag("layer-1")
class HealthMonitorTest implements HealthMonitor.Ward {

  private static final Duration OFTEN = Duration.ofMillis(5);

  @TempDir Path directory;
  private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
  private final BlockingQueue<ProbeResult> results = new LinkedBlockingQueue<>();
  private Reactor reactor;
  private Worker worker;

  @BeforeEach
  void prepare() throws IOException {
    worker = new Worker(1, 0, 1, BegunWords.create(directory, 2, 1), Clock.systemUTC());
    worker.machine().transition(WorkerState.READY, "test", Map.of());
    reactor = new Reactor(Thread::new, System::nanoTime, e -> heard.add(e.toString()));
    reactor.start();
  }

  @AfterEach
  void end() throws InterruptedException {
    assertThat(reactor.stop(5_000)).isTrue();
  }

  private void start(Path proc) {
    HealthMonitor monitor = new HealthMonitor(this, reactor, OFTEN, OFTEN, proc);
    reactor.execute(monitor::start);
  }

  private String next() throws InterruptedException {
    return heard.poll(20, TimeUnit.SECONDS);
  }

  @Test
  void saysThatItSeesNothingWhereThereIsNoProc(@TempDir Path empty) throws InterruptedException {
    assertThat(worker.machine().tryLease()).isTrue();
    worker.begin(new RunningCall(7, "m:f", 0));
    start(empty);
    assertThat(next()).startsWith("UNKNOWN its process cannot be seen in /proc during request 7");
    assertThat(worker.condition().activity(worker.running())).isEqualTo(WorkerActivity.UNKNOWN);
    assertThat(worker.condition().activity(new RunningCall(8, "m:f", 0)))
        .isEqualTo(WorkerActivity.UNWATCHED);
  }

  @Test
  void countsFailedProbesInARowAndForgetsThemAtAnAnswer() throws InterruptedException {
    results.add(ProbeResult.answer(3));
    results.add(ProbeResult.failed("first"));
    results.add(ProbeResult.failed("second"));
    results.add(ProbeResult.answer(3));
    start(Path.of("/proc"));
    assertThat(next()).isEqualTo("UNWATCHED answered after 3 ms HEALTHY 0");
    assertThat(next()).isEqualTo("well");
    assertThat(next()).isEqualTo("UNWATCHED first UNHEALTHY 1");
    assertThat(next()).isEqualTo("ill PROBE_FAILED first");
    assertThat(next()).isEqualTo("UNWATCHED second UNHEALTHY 2");
    assertThat(next()).isEqualTo("ill PROBE_FAILED second");
    assertThat(next()).isEqualTo("UNWATCHED answered after 3 ms HEALTHY 0");
    assertThat(next()).isEqualTo("well");
  }

  @Test
  void acceptsWorkOnlyWhenReadyAndHealthy() {
    assertThat(worker.health()).isEqualTo(Health.UNKNOWN);
    assertThat(worker.canAcceptWork()).isFalse();
    worker.condition().probeAnswered();
    assertThat(worker.canAcceptWork()).isTrue();
    worker.condition().probeFailed();
    assertThat(worker.canAcceptWork()).isFalse();
    worker.condition().probeAnswered();
    assertThat(worker.machine().tryLease()).isTrue();
    assertThat(worker.canAcceptWork()).isFalse();
    worker.machine().transition(WorkerState.DEGRADED, "test", Map.of());
    assertThat(worker.canAcceptWork()).isFalse();
  }

  // ---- the ward

  @Override
  public List<Worker> workers() {
    return List.of(worker);
  }

  @Override
  public RunningCall running(Worker asked) {
    return asked.running();
  }

  @Override
  public boolean lease(Worker asked) {
    return !results.isEmpty() && asked.machine().tryLease();
  }

  @Override
  public void probe(Worker asked, Consumer<ProbeResult> then) {
    then.accept(results.remove());
    assertThat(asked.machine().tryRelease()).isTrue();
  }

  @Override
  public void well(Worker asked) {
    heard.add("well");
  }

  @Override
  public void ill(Worker asked, FailureKind failure, String reason) {
    heard.add("ill " + failure + " " + reason);
  }

  @Override
  public void verdict(Worker asked, WorkerActivity activity, String reason) {
    heard.add(
        activity == WorkerActivity.UNWATCHED
            ? "%s %s %s %d"
                .formatted(activity, reason, asked.health(), asked.condition().failedProbes())
            : activity + " " + reason);
  }
}
