// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** One for one, 5 restarts in 60 s. */
@Tag("layer-1")
@Tag("core-pool")
class SupervisorTest {

  private final FakeHost host = new FakeHost();
  private final Supervisor supervisor = supervisor(Duration.ofSeconds(60));

  @Test
  void restartsOnlyThePartThatFailed() {
    List<String> restarted = new ArrayList<>();
    supervisor.run("a", () -> {}, () -> restarted.add("a"));
    supervisor.run("b", SupervisorTest::boom, () -> restarted.add("b"));

    assertThat(restarted).containsExactly("b");
    assertThat(host.warnings).singleElement().asString().contains("b failed", "boom");
  }

  @Test
  void fiveRestartsWithinAMinuteAreBorneAndTheSixthFailsThePool() {
    for (int i = 0; i < 5; i++) {
      assertThat(supervisor.mayRestart(i % 2 == 0 ? "launcher" : "monitor", "killed")).isTrue();
      pass(11);
    }
    assertThat(supervisor.failed()).isFalse();
    assertThat(supervisor.mayRestart("launcher", "killed by SIGKILL")).isFalse();

    assertThat(supervisor.reason())
        .contains("more than 5 times within PT1M", "launcher=4, monitor=2", "killed by SIGKILL");
    assertThat(host.failed).containsExactly(supervisor.reason());
    assertThat(supervisor.restarts()).isEqualTo(6);
  }

  @Test
  void aRestartCountsForAMinute() {
    for (int i = 0; i < 50; i++) {
      assertThat(supervisor.mayRestart("launcher", "killed")).as("restart %d", i).isTrue();
      pass(12);
    }
  }

  @Test
  void nothingRunsInAFailedPool() {
    fail();
    List<String> ran = new ArrayList<>();
    supervisor.run("a", () -> ran.add("a"), () -> {});
    assertThat(ran).isEmpty();
    assertThat(supervisor.mayRestart("a", "again")).isFalse();
    assertThat(host.failed).hasSize(1);
  }

  @Test
  void aFailedPoolIsTriedAgainAfterItsCooldown() {
    fail();
    host.pass(Duration.ofSeconds(60));

    assertThat(supervisor.failed()).isFalse();
    assertThat(host.revivals).isEqualTo(1);
    assertThat(supervisor.mayRestart("launcher", "killed")).isTrue();
  }

  @Test
  void aFailedPoolIsTriedAgainByHandAndOnlyOnce() {
    fail();
    assertThat(supervisor.revive()).isTrue();
    assertThat(supervisor.revive()).isFalse();
    fail();
    host.pass(Duration.ofSeconds(59));
    assertThat(supervisor.failed()).as("the first failure's cooldown is void").isTrue();
    assertThat(host.revivals).isEqualTo(1);
  }

  @Test
  void withoutACooldownItStaysFailed() {
    Supervisor stern = supervisor(Duration.ZERO);
    for (int i = 0; i < 6; i++) {
      stern.mayRestart("launcher", "killed");
    }
    host.pass(Duration.ofDays(1));
    assertThat(stern.failed()).isTrue();
  }

  @Test
  void zeroMeansAnyNumberOfRestarts() {
    Supervisor mild = new Supervisor(host, 0, Duration.ofSeconds(60), Duration.ZERO);
    for (int i = 0; i < 1_000; i++) {
      assertThat(mild.mayRestart("launcher", "killed")).isTrue();
    }
  }

  private Supervisor supervisor(Duration cooldown) {
    return new Supervisor(host, 5, Duration.ofSeconds(60), cooldown);
  }

  private void fail() {
    for (int i = 0; i < 6; i++) {
      supervisor.mayRestart("launcher", "killed");
    }
    assertThat(supervisor.failed()).isTrue();
  }

  private void pass(long seconds) {
    host.now += seconds * 1_000_000_000L;
  }

  private static void boom() {
    throw new IllegalStateException("boom");
  }

  private static final class FakeHost implements Supervisor.Host {
    private final List<String> failed = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();
    private final List<Due> due = new ArrayList<>();
    private int revivals;
    private long now;

    private record Due(long at, Runnable task) {}

    private void pass(Duration time) {
      now += time.toNanos();
      for (Due each : List.copyOf(due)) {
        if (each.at() <= now) {
          due.remove(each);
          each.task().run();
        }
      }
    }

    @Override
    public long now() {
      return now;
    }

    @Override
    public void later(Duration delay, Runnable task) {
      due.add(new Due(now + delay.toNanos(), task));
    }

    @Override
    public void failed(String reason) {
      failed.add(reason);
    }

    @Override
    public void revived() {
      revivals++;
    }

    @Override
    public void warn(String text) {
      warnings.add(text);
    }
  }
}
