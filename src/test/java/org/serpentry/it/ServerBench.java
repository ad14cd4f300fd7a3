// SPDX-License-Identifier: Apache-2.0
package org.serpentry.it;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.inject.Inject;
import java.nio.file.Path;
import org.eclipse.microprofile.config.Config;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.serpentry.api.PoolName;
import org.serpentry.api.PythonFunction;
import org.serpentry.api.PythonPool;
import org.serpentry.bench.Figures;
import org.serpentry.bench.Placement;
import org.serpentry.bench.RawSocket;
import org.serpentry.bench.Results;
import org.serpentry.bench.Rounds;
import org.serpentry.bench.Workload;
import org.serpentry.codec.JsonbCodec;

/** What a call costs inside a running server, with and without the guard. */
@Tag("bench")
@ExtendWith(ArquillianExtension.class)
class ServerBench {

  private static final int ROUNDS = 20;
  private static final int CALLS = 2_000;
  private static final int WARMUP = 10_000;

  @Inject PythonPool guarded;

  @Inject
  @PoolName("untimed")
  PythonPool untimed;

  @Inject
  @PoolName("direct")
  PythonPool direct;

  @Inject GuardedNothing nothing;
  @Inject Config config;

  @Deployment
  static WebArchive war() throws InterruptedException {
    return BenchWars.war("bench.war");
  }

  @Test
  void callsFromABean() throws Exception {
    JsonbCodec codec = JsonbCodec.create(false, 128);
    try (RawSocket raw =
        RawSocket.start(
            path("bench.interpreter"), path("bench.runtime"), path("bench.scripts"), codec)) {
      PythonFunction throughGuard = guarded.function(Workload.PLAIN);
      PythonFunction throughDefaultGuard = untimed.function(Workload.PLAIN);
      PythonFunction throughCore = direct.function(Workload.PLAIN);
      assertThat(raw.decoded(codec)).isEqualTo(Workload.EXPECTED);

      Rounds rounds =
          new Rounds(config.getOptionalValue("bench.rounds", Integer.class).orElse(ROUNDS), CALLS)
              .with("raw-socket", raw)
              .with("cdi-direct", () -> check(Workload.call(throughCore)))
              .with("cdi-call", () -> check(Workload.call(throughGuard)))
              .with("guarded-noop", () -> check(nothing.callTimed(Workload.EXPECTED)))
              .with("cdi-call-default", () -> check(Workload.call(throughDefaultGuard)))
              .with("guarded-noop-default", () -> check(nothing.call(Workload.EXPECTED)))
              .with("call-async", () -> check(Workload.callAsync(throughGuard)))
              .placed(
                  Placement.of(
                      path("bench.interpreter"),
                      raw.pid(),
                      Workload.pid(guarded),
                      Workload.pid(untimed),
                      Workload.pid(direct)))
              .run(WARMUP);

      write(rounds);
    }
  }

  private void write(Rounds rounds) throws Exception {
    String server = ServerUnderTest.name();
    new Results(Path.of(System.getProperty("itest.bench.directory")), server)
        .fact("Python", config.getValue("bench.python", String.class))
        .fact("server", config.getValue("bench.server", String.class))
        .put("raw-socket." + server, rounds.figures("raw-socket"))
        .put("cdi-direct." + server, rounds.figures("cdi-direct", "raw-socket"))
        .put("cdi-call." + server, guarded(rounds, "cdi-call", "guarded-noop"))
        .put("guarded-noop." + server, rounds.figures("guarded-noop"))
        .put(
            "cdi-call-default." + server,
            guarded(rounds, "cdi-call-default", "guarded-noop-default"))
        .put("guarded-noop-default." + server, rounds.figures("guarded-noop-default"))
        .put("call-async." + server, rounds.figures("call-async", "raw-socket"))
        .write();
  }

  private static Figures guarded(Rounds rounds, String call, String noop) {
    return rounds.beyond(
        rounds.figures(call, "raw-socket"), "guardOverheadMicros", call, "cdi-direct", noop);
  }

  private Path path(String key) {
    return Path.of(config.getValue(key, String.class));
  }

  private static void check(Object result) {
    if (!Workload.EXPECTED.equals(result)) {
      throw new AssertionError(result + " in place of " + Workload.EXPECTED);
    }
  }
}
