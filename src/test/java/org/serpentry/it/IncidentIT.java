// SPDX-License-Identifier: Apache-2.0
package org.serpentry.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.serpentry.it.Console.session;
import static org.serpentry.it.Console.until;
import static org.serpentry.it.IncidentCalls.begin;
import static org.serpentry.it.IncidentCalls.call;
import static org.serpentry.it.IncidentCalls.price;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.serpentry.dspy.DspyProgramsMXBean;
import org.serpentry.it.IncidentCalls.Call;
import org.serpentry.management.PoolCircuitsMXBean;
import org.serpentry.management.PoolSettingsMXBean;
import org.serpentry.management.PoolStatus;
import org.serpentry.management.PythonPoolMXBean;
import org.serpentry.management.PythonPoolMXBean.RunningCall;
import org.serpentry.management.PythonWorkerMXBean;
import org.serpentry.testing.Processes;

/**
 * The fourteen incidents of docs/operations.md, in its order: each is provoked on a running server,
 * is seen and repaired through a remote JMX connection, and leaves no trace in how the pool serves.
 * What a console shows may be a tenth of a second old.
 */
@Tag("layer-3")
@Timeout(180)
@ExtendWith(ArquillianExtension.class)
class IncidentIT {
  private static final long MEBIBYTE = 1 << 20;

  private static IncidentWar world;
  private static Console console;
  private static Object serverStart;

  @Deployment(testable = false)
  static WebArchive war() throws Exception {
    world = new IncidentWar();
    return world.archive();
  }

  @BeforeAll
  static void connect() throws Exception {
    console = new Console("incidents", ServerUnderTest.OPERATOR);
    serverStart = console.serverStart();
  }

  @AfterEach
  void nothingWasRestarted() throws Exception {
    assertThat(console.serverStart()).isEqualTo(serverStart);
  }

  @AfterAll
  static void disconnect() throws Exception {
    console.close();
    world.close();
  }

  private static void serves(String pool) throws Exception {
    assertThat(call(pool, "echo", "number", 7).answer()).isEqualTo("7");
    until(pool + " is OK", () -> console.pool(pool).getStatus() == PoolStatus.OK);
    assertThat(console.pool(pool).getSuggestedAction()).isEmpty();
  }

  @Test
  void aStuckCall() throws Exception {
    PythonPoolMXBean pool = console.pool("calls");
    Call stuck = call("calls", "swallow");
    RunningCall running = console.running("calls", "incidents:swallow");
    PythonWorkerMXBean worker = console.worker("calls", running.slot());
    assertThat(worker.getCurrentFunction()).isEqualTo("incidents:swallow");
    until("its stack", () -> pool.dumpPythonStacks().contains("in swallow"));

    assertThat(pool.cancelCall(running.request())).contains("SIGTERM", "SIGKILL");

    assertThat(stuck.failure()).contains("CallCancelledException", "an operator");
    until("another worker", () -> pool.getWorkersReady() == 2 && worker.getPid() != running.pid());
    assertThat(pool.getLadderCancels()).isPositive();
    serves("calls");
  }

  @Test
  void aMemoryLeak() throws Exception {
    PythonPoolMXBean pool = console.pool("calls");
    PoolSettingsMXBean settings = console.settings("calls");
    call("calls", "leak", "number", 200).answer();
    until("the leak", () -> pool.getWorkersRssBytes() > 200 * MEBIBYTE);
    long before = pool.getWorkersRecycled().getOrDefault("max-rss", 0L);

    settings.setMaxRss("150MiB");

    until("it is recycled", () -> pool.getWorkersRecycled().getOrDefault("max-rss", 0L) > before);
    until(
        "the memory is back",
        () -> pool.getWorkersRssBytes() < 150 * MEBIBYTE && pool.getWorkersReady() == 2);
    assertThat(settings.exportSettings()).isEqualTo("serpentry.pool.calls.max-rss=157286400\n");
    settings.resetAll();
    serves("calls");
  }

  @Test
  void aCrashLoop() throws Exception {
    PythonPoolMXBean pool = console.pool("crash");
    serves("crash");
    world.crashes(true);
    // Any end of the worker that serves would do.
    console.hears("crash", "pool.breaker", "CLOSED -> OPEN: ", () -> pool.killWorker(0));
    until("the breaker is open", () -> pool.getCrashBreakerState().equals("OPEN"));
    until("it has failed", () -> pool.getStatus() == PoolStatus.FAILED);
    assertThat(pool.getStatusReason()).contains("exit code 3");
    assertThat(pool.getCrashBreakerCause()).contains("the licence server does not answer");
    assertThat(call("crash", "echo").failure()).contains("CircuitOpenException", "exit code 3");
    world.crashes(false);

    pool.resetCircuitBreaker();

    serves("crash");
    assertThat(pool.getCrashBreakerState()).isEqualTo("CLOSED");
  }

  @Test
  void aBadPythonDeploy() throws Exception {
    PythonPoolMXBean pool = console.pool("deploy");
    assertThat(price().answer()).isEqualTo("1");
    world.deployPrice("(");
    console.hears(
        "deploy",
        "pool.reload",
        "FAILED: ",
        () ->
            assertThat(console.end("deploy", pool.reloadCode())).contains("FAILED", "SyntaxError"));
    assertThat(price().answer()).as("the code before").isEqualTo("1");
    String good = pool.getCodeVersion();
    world.deployPrice("discount");
    assertThat(console.end("deploy", pool.reloadCode())).startsWith("DONE");
    assertThat(price().failure()).contains("NameError");
    until("the error", () -> pool.getLastError().startsWith("prices:price: "));
    until("the code", () -> !pool.getCodeVersion().equals(good));

    assertThat(console.end("deploy", pool.rollbackCode())).startsWith("DONE");

    assertThat(price().answer()).isEqualTo("1");
    until("the code before", () -> pool.getCodeVersion().equals(good));
    serves("deploy");
  }

  @Test
  void theLanguageModelsEndpointIsDown() throws Exception {
    String dead = world.deadEndpoint();
    assertThat(begin("lm", "model", "openai/stand-in", "endpoint", dead).failure())
        .contains("DspyException");
    DspyProgramsMXBean programs = console.programs("lm");
    assertThat(programs.getErrors()).isPositive();
    assertThat(programs.getModels())
        .singleElement()
        .satisfies(
            model -> {
              assertThat(model.endpoint()).isEqualTo(dead);
              assertThat(model.key()).isEqualTo("set");
            });

    String id = programs.replaceLm("", world.livingEndpoint(), "sk-the-key-of-the-second-model");

    assertThat(console.end("lm", id)).startsWith("DONE");
    assertThat(begin("lm").answer()).contains("You asked: Why?");
    assertThat(programs.getExecutions()).isEqualTo(1);
    assertThat(console.settings("lm").exportSettings())
        .contains("serpentry.pool.lm.lm-api-base=" + world.livingEndpoint() + "\n");
    for (String component : List.of("", ",component=DspyPrograms", ",component=Settings")) {
      assertThat(console.everything("lm", component)).doesNotContain("sk-the-key");
    }
  }

  @Test
  void thePoolIsTooSmall() throws Exception {
    PythonPoolMXBean pool = console.pool("small");
    serves("small");
    List<Call> calls = Stream.of(1, 2, 3).map(i -> call("small", "hold")).toList();
    until("two wait", () -> pool.getCallsWaiting() == 2);
    assertThat(pool.getStatus()).isEqualTo(PoolStatus.EXHAUSTED);
    assertThat(pool.getSuggestedAction()).contains("resize");

    pool.resize(3);

    until("none waits", () -> pool.getCallsWaiting() == 0 && pool.getCallsRunning() == 3);
    until("it is OK", () -> pool.getStatus() == PoolStatus.OK);
    assertThat(console.settings("small").exportSettings()).contains("pool.small.size=3\n");
    for (RunningCall running : pool.getRunningCalls()) {
      pool.cancelCall(running.request());
    }
    calls.forEach(call -> assertThat(call.failure()).contains("CallCancelledException"));
    console.settings("small").resetAll();
    until("it is small again", () -> pool.getWorkersTotal() == 1);
    serves("small");
  }

  @Test
  void oneBadWorker() throws Exception {
    PythonPoolMXBean pool = console.pool("calls");
    serves("calls");
    int pid = Integer.parseInt(call("calls", "turn_bad").answer());
    PythonWorkerMXBean worker =
        Stream.of(0, 1)
            .map(slot -> console.worker("calls", slot))
            .filter(each -> each.getPid() == pid)
            .findFirst()
            .orElseThrow();
    console.settings("calls").setHealthCheckInterval("100ms");
    until("it is degraded", () -> worker.getState().equals("DEGRADED"));
    assertThat(worker.getProbesFailed()).isPositive();
    assertThat(pool.getStatus()).isEqualTo(PoolStatus.DEGRADED);

    assertThat(console.end("calls", pool.drainWorker(worker.getSlot()))).startsWith("DONE");
    until("it is drained", () -> worker.getState().equals("DRAINED"));
    assertThat(pool.getSuggestedAction()).contains("refillWorker");
    assertThat(console.end("calls", pool.refillWorker(worker.getSlot()))).startsWith("DONE");

    until("another worker", () -> worker.getPid() > 0 && worker.getPid() != pid);
    console.settings("calls").resetAll();
    serves("calls");
  }

  @Test
  void aSessionIsPinnedToADyingWorker() throws Exception {
    PythonPoolMXBean pool = console.pool("pinned");
    assertThat(call("pinned", "count", "session", "basket").answer()).isEqualTo("1");
    Call frozen = call("pinned", "freeze", "session", "basket");
    RunningCall running = console.running("pinned", "incidents:freeze");
    Call next = call("pinned", "count", "session", "basket");
    until("the next call waits", () -> session(pool).waiting() == 1);
    assertThat(running.session()).isEqualTo("basket");
    assertThat(session(pool).slot()).isEqualTo(running.slot());
    until("it has begun", () -> Processes.stopped(running.pid())); // Else it freezes another one.

    pool.killWorker(running.slot());

    assertThat(frozen.failure()).contains("WorkerCrashedException");
    assertThat(next.answer()).as("what the session holds").isEqualTo("2");
    assertThat(session(pool).lost()).isFalse();
    assertThat(pool.endSession("basket")).isTrue();
    serves("pinned");
  }

  @Test
  void theLogIsNoisy() throws Exception {
    PythonPoolMXBean pool = console.pool("small");
    PoolSettingsMXBean settings = console.settings("small");
    long records = pool.getRecordsLogged();
    long lines = pool.getLinesPrinted();
    call("small", "chatter", "number", 100).answer();
    until("it has been logged", () -> pool.getRecordsLogged() == records + 100);
    until("it has been printed", () -> pool.getLinesPrinted() == lines + 100);

    settings.setLogLevel("error");
    settings.change("output-rate", "1");

    until("the worker has been told", () -> call("small", "log_level").answer().equals("40"));
    call("small", "chatter", "number", 100).answer();
    assertThat(begin("small", "logged", "lines dropped").answer()).contains("output-rate");
    call("small", "complain", "text", "worth a line").answer();
    until("the error has arrived", () -> pool.getRecordsLogged() > records + 100);
    assertThat(pool.getRecordsLogged()).isEqualTo(records + 101);
    assertThat(settings.exportSettings()).contains("log-level=error\n", "output-rate=1\n");
    settings.resetAll();
    until("the level is back", () -> call("small", "log_level").answer().equals("20"));
    serves("small");
  }

  @Test
  void aBreakerIsOpen() throws Exception {
    PythonPoolMXBean pool = console.pool("breaker");
    serves("breaker");
    for (int i = 0; i < 2; i++) {
      assertThat(call("breaker", "fail", "text", "no database").failure()).contains("no database");
    }
    assertThat(call("breaker", "echo").failure()).contains("CircuitOpenException");
    PoolCircuitsMXBean circuits = console.circuits("breaker");
    assertThat(circuits.getCircuitsOpen()).isEqualTo(1);
    assertThat(circuits.getCircuits())
        .singleElement()
        .satisfies(
            circuit -> {
              assertThat(circuit.name()).isEqualTo("incidents");
              assertThat(circuit.state()).isEqualTo("OPEN");
              assertThat(circuit.cause()).contains("no database");
              assertThat(circuit.refusals()).isEqualTo(1);
            });
    assertThat(pool.getCallsRefusedByCircuits()).isEqualTo(1);

    assertThat(circuits.resetCircuit("incidents")).isTrue();

    assertThat(circuits.getCircuitsOpen()).isZero();
    serves("breaker");
  }

  @Test
  void callsAreSlow() throws Exception {
    PythonPoolMXBean pool = console.pool("small");
    PoolSettingsMXBean settings = console.settings("small");
    try (Console.News news = console.news("small")) {
      settings.setSlowCallThreshold("100ms");
      Call slow = call("small", "hold");
      Map<?, ?> told =
          (Map<?, ?>)
              news.await("serpentry.call.slow", text -> text.contains("incidents:hold"))
                  .getUserData();

      settings.setOperationTimeout("500ms");
      pool.cancelCall(Long.parseLong((String) told.get("request")));

      assertThat(slow.failure()).contains("CallCancelledException");
    }
    long before = pool.getCallsTimedOut();
    assertThat(call("small", "hold").failure()).contains("CallTimeoutException");
    until("it is counted", () -> pool.getCallsTimedOut() == before + 1);
    until("its latency", () -> pool.getCallLatencyTotalMaxMicros() >= 400_000);
    pool.resetStatistics();
    until("it is forgotten", () -> pool.getCallLatencyTotalMaxMicros() < 400_000);
    settings.resetAll();
    serves("small");
  }

  @Test
  void sharedMemoryIsFull() throws Exception {
    PythonPoolMXBean pool = console.pool("arrays");
    serves("arrays");
    world.fillSharedMemory();
    assertThat(call("arrays", "size_of", "bytes", 300_000).answer()).isEqualTo("300000");
    assertThat(call("arrays", "mappings").answer()).as("by the socket").isEqualTo("0");
    assertThat(pool.getSharedMemoryShortage()).contains("by the socket", "NoSuchFileException");

    console.settings("arrays").change("shared-memory-directory", world.otherSharedMemory());
    assertThat(console.end("arrays", pool.recycleWorkersOneByOne())).startsWith("DONE");

    assertThat(call("arrays", "size_of", "bytes", 300_000).answer()).isEqualTo("300000");
    assertThat(call("arrays", "mappings").answer()).isEqualTo("1");
    assertThat(pool.getSharedMemoryShortage()).isEmpty();
    assertThat(pool.getSharedMemoryBytes()).isPositive();
    serves("arrays");
  }

  @Test
  void theInterpreterIsTheWrongOne() throws Exception {
    PythonPoolMXBean pool = console.pool("wrong");
    until("it has failed", () -> pool.getStatus() == PoolStatus.FAILED);
    assertThat(pool.getStatusReason()).contains("needed_package");
    assertThat(call("wrong", "echo").failure()).contains("WorkerStartException", "needed_package");

    console.settings("wrong").change("interpreter", world.rightInterpreter());

    until("it serves", () -> pool.getWorkersReady() == 1);
    serves("wrong");
    assertThat(console.settings("wrong").exportSettings())
        .isEqualTo("serpentry.pool.wrong.interpreter=" + world.rightInterpreter() + "\n");
  }

  @Test
  void anInputIsPoison() throws Exception {
    PythonPoolMXBean pool = console.pool("calls");
    long lost = pool.getCallsLostToWorkers();
    console.hears(
        "calls",
        "worker.exit",
        "SIGSEGV",
        () ->
            assertThat(call("calls", "poison", "text", "poison").failure())
                .contains("WorkerCrashedException", "SIGSEGV"));
    until("it is counted", () -> pool.getCallsLostToWorkers() == lost + 1);
    until("the error", () -> pool.getLastError().startsWith("incidents:poison: "));
    assertThat(pool.getRecoveryDecisions()).isNotEmpty();
    until("another worker", () -> pool.getWorkersReady() == 2);
    PoolCircuitsMXBean circuits = console.circuits("calls");

    circuits.blockFunction("incidents:poison");

    assertThat(call("calls", "poison", "text", "poison").failure())
        .contains("CircuitOpenException", "blocked by");
    assertThat(circuits.getCircuits())
        .anySatisfy(circuit -> assertThat(circuit.name()).isEqualTo("incidents:poison"));
    serves("calls");
    assertThat(pool.getCallsLostToWorkers()).isEqualTo(lost + 1);
    assertThat(circuits.resetCircuit("incidents:poison")).isTrue();
    assertThat(call("calls", "poison", "text", "bread").answer()).isEqualTo("bread");
  }
}
