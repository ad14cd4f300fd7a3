// SPDX-License-Identifier: Apache-2.0
package org.serpentry.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import javax.management.JMRuntimeException;
import javax.management.MBeanServerConnection;
import javax.management.Notification;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.serpentry.management.PoolSettingsMXBean;
import org.serpentry.management.PoolStatus;
import org.serpentry.management.PythonPoolMXBean;
import org.serpentry.management.PythonWorkerMXBean;
import org.serpentry.management.TableProxies;
import org.serpentry.testing.Processes;

/** An operator drives a pool from another process while HTTP clients use it. */
@Tag("layer-2")
@Timeout(180)
@ExtendWith(ArquillianExtension.class)
class ManagementIT {
  private static final String POOL = "serpentry:application=managed,pool=default";
  private static final long SECONDS = 60;

  private final HttpClient http = HttpClient.newHttpClient();
  private final LinkedBlockingQueue<Notification> notifications = new LinkedBlockingQueue<>();
  private JMXConnector connector;
  private MBeanServerConnection server;
  private PythonPoolMXBean pool;

  @Deployment(testable = false)
  static WebArchive war() {
    return PoolWars.main("managed.war", Map.of()).addClasses(CallServlet.class, DebugServlet.class);
  }

  @BeforeEach
  void connect() throws Exception {
    connector = ServerUnderTest.connectJmx(ServerUnderTest.OPERATOR);
    server = connector.getMBeanServerConnection();
    pool = TableProxies.of(server, new ObjectName(POOL), PythonPoolMXBean.class);
    server.addNotificationListener(
        new ObjectName(POOL),
        (notification, handback) -> notifications.add(notification),
        null,
        null);
  }

  @AfterEach
  void disconnect() throws IOException {
    connector.close();
  }

  private PythonWorkerMXBean worker(int slot) throws Exception {
    return TableProxies.of(
        server, new ObjectName(POOL + ",worker=" + slot), PythonWorkerMXBean.class);
  }

  private Notification await(String type, Predicate<String> message) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    while (true) {
      Notification next = notifications.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      assertThat(next).as("%s within %d s", type, SECONDS).isNotNull();
      if (next.getType().equals(type) && message.test(next.getMessage())) {
        return next;
      }
    }
  }

  private HttpResponse<String> call(String function, double number) throws Exception {
    URI uri =
        ServerUnderTest.httpUri()
            .resolve("/managed/call?function=" + function + "&number=" + number);
    return http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
  }

  /** A client whose call sleeps for longer than any test waits. */
  private CompletableFuture<HttpResponse<String>> sleeping() {
    CompletableFuture<HttpResponse<String>> sleeping = new CompletableFuture<>();
    Thread client =
        new Thread(
            () -> {
              try {
                sleeping.complete(call("sleep", 50));
              } catch (Exception e) {
                sleeping.completeExceptionally(e);
              }
            });
    client.start();
    return sleeping;
  }

  private int callsUntil(AtomicBoolean over) throws Exception {
    int calls = 0;
    while (!over.get()) {
      HttpResponse<String> response = call("echo", 1.5);
      assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
      assertThat(response.body()).isEqualTo("1.5");
      calls++;
    }
    return calls;
  }

  private void whileCallsRun(Operator operator) throws Exception {
    ExecutorService clients = Executors.newFixedThreadPool(3);
    AtomicBoolean over = new AtomicBoolean();
    try {
      List<Future<Integer>> calls = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        calls.add(clients.submit(() -> callsUntil(over)));
      }
      long before = pool.getCallsSucceeded();
      long lost = pool.getCallsLostToWorkers();
      operator.operate();
      over.set(true);
      for (Future<Integer> client : calls) {
        assertThat(client.get(SECONDS, TimeUnit.SECONDS)).isPositive();
      }
      assertThat(pool.getCallsSucceeded()).isGreaterThan(before);
      assertThat(pool.getCallsLostToWorkers()).isEqualTo(lost);
    } finally {
      over.set(true);
      clients.shutdownNow();
    }
  }

  private interface Operator {
    void operate() throws Exception;
  }

  @Test
  void thePoolIsResizedWhileCallsRunAndNoneFails() throws Exception {
    whileCallsRun(
        () -> {
          pool.resize(4);
          await("serpentry.worker.state", text -> text.contains("/3") && text.contains("READY"));
          assertThat(pool.getSize()).isEqualTo(4);
          assertThat(worker(3).getPid()).isPositive();

          pool.resize(1);
          await(
              "serpentry.worker.state", text -> text.contains("/3") && text.contains("TERMINATED"));
          assertThat(pool.getSize()).isEqualTo(1);

          pool.resize(2);
          await("serpentry.worker.state", text -> text.contains("/1") && text.contains("READY"));
        });
    assertThat(pool.getSize()).isEqualTo(2);
  }

  @Test
  void everyWorkerIsReplacedWhileCallsRunAndNoneFails() throws Exception {
    int before = worker(0).getPid();
    whileCallsRun(
        () -> {
          String id = pool.recycleWorkersOneByOne();
          await("serpentry.operation", text -> text.equals(id + ": DONE"));
          assertThat(pool.getOperations())
              .anySatisfy(
                  operation -> {
                    assertThat(operation.id()).isEqualTo(id);
                    assertThat(operation.state()).isEqualTo("DONE");
                  });
        });
    assertThat(worker(0).getPid()).isPositive().isNotEqualTo(before);
    assertThat(worker(0).getHistory()).isNotEmpty();
    assertThat(worker(0).getPythonVersion()).startsWith("3.");
  }

  @Test
  void aSuspendedPoolRefusesCallsUntilItIsResumed() throws Exception {
    pool.suspend();
    assertThat(pool.getStatus()).isEqualTo(PoolStatus.SUSPENDED);
    assertThat(call("echo", 1).body()).contains("PoolSuspendedException");

    pool.resume();
    assertThat(call("echo", 1).body()).isEqualTo("1.0");
    assertThat(pool.getStatus()).isNotEqualTo(PoolStatus.SUSPENDED);
  }

  @Test
  void aWorkersBeanShowsItsCallAndItsDeathIsAnnounced() throws Exception {
    // What is read may be a tenth of a second old, and show the call before this one.
    List<Long> earlier =
        pool.getRunningCalls().stream().map(PythonPoolMXBean.RunningCall::request).toList();
    CompletableFuture<HttpResponse<String>> sleeping = sleeping();
    Optional<PythonPoolMXBean.RunningCall> seen = Optional.empty();
    while (seen.isEmpty()) {
      assertThat(sleeping).isNotDone();
      seen =
          pool.getRunningCalls().stream()
              .filter(call -> call.function().equals("faulty:sleep"))
              .filter(call -> !earlier.contains(call.request()))
              .findFirst();
    }
    PythonPoolMXBean.RunningCall running = seen.get();
    PythonWorkerMXBean worker = worker(running.slot());
    assertThat(worker.getState()).isEqualTo("BUSY");
    assertThat(worker.getCurrentRequestId()).isEqualTo(running.request());
    while (!pool.dumpPythonStacks().contains("in sleep")) { // Else it is made on another worker.
      assertThat(sleeping).isNotDone();
    }

    pool.killWorker(running.slot());
    await("serpentry.worker.exit", text -> text.contains("SIGKILL"));
    await("serpentry.worker.replaced", text -> text.contains("/" + running.slot()));
    assertThat(sleeping.get(SECONDS, TimeUnit.SECONDS).body()).contains("WorkerCrashedException");
    assertThat(call("echo", 2).body()).isEqualTo("2.0");
  }

  @Test
  void aSettingHoldsAtOnceAndTheCallThatItShowsIsGivenUp() throws Exception {
    PoolSettingsMXBean settings =
        TableProxies.of(
            server, new ObjectName(POOL + ",component=Settings"), PoolSettingsMXBean.class);
    settings.setSlowCallThreshold("100ms");
    try {
      CompletableFuture<HttpResponse<String>> sleeping = sleeping();
      Notification slow = await("serpentry.call.slow", text -> text.contains("faulty:sleep"));
      String request = (String) ((Map<?, ?>) slow.getUserData()).get("request");
      assertThat(pool.cancelCall(Long.parseLong(request))).contains("SIGKILL");
      assertThat(sleeping.get(SECONDS, TimeUnit.SECONDS).body())
          .contains("CallCancelledException")
          .contains("an operator");
      assertThat(settings.exportSettings())
          .isEqualTo("serpentry.pool.default.slow-call-threshold=100ms\n");
      String who = ServerUnderTest.name().equals("wildfly") ? "unknown (thread " : "operator";
      assertThat(settings.getSettings())
          .filteredOn(row -> row.key().equals("slow-call-threshold"))
          .singleElement()
          .satisfies(row -> assertThat(row.changedBy()).startsWith(who));
    } finally {
      settings.resetAll();
    }
    assertThat(settings.getExport()).isEmpty();
  }

  @Test
  void aLogLevelHoldsForTheRecordsOfWorkersThatServeAlready() throws Exception {
    PoolSettingsMXBean settings =
        TableProxies.of(
            server, new ObjectName(POOL + ",component=Settings"), PoolSettingsMXBean.class);
    ServersLog log = new ServersLog("managed", server);
    String before = "before " + UUID.randomUUID();
    String after = "after " + UUID.randomUUID();
    int pid = worker(0).getPid();
    assertThat(log.levelsOf(before)).containsExactly("900");
    String serversLevel = log.setLevel("FINE");
    try {
      assertThat(log.levelsOf(before)).containsExactly("900");
      settings.setLogLevel("debug");
      while (log.levelsOf(after).size() == 1) { // A worker is told between two calls.
        assertThat(settings.getLogLevel()).isEqualTo("debug");
      }
      settings.reset("log-level");
      while (log.levelsOf(after).size() == 2) {
        assertThat(settings.getLogLevel()).isEqualTo("info");
      }
    } finally {
      settings.resetAll();
      log.setLevel(serversLevel);
    }
    assertThat(worker(0).getPid()).isEqualTo(pid);
    if (ServersLog.debugLines().isPresent()) {
      assertThat(ServersLog.debugLines().get())
          .anyMatch(line -> line.contains(after))
          .noneMatch(line -> line.contains(before));
    }
  }

  @Test
  void readinessGoesRedWhenNoWorkerCanServeAndGreenAgainByItself() throws Exception {
    PoolSettingsMXBean settings =
        TableProxies.of(
            server, new ObjectName(POOL + ",component=Settings"), PoolSettingsMXBean.class);
    assertThat(health("ready").statusCode()).isEqualTo(200);
    settings.change("health-check-failures", "100");
    settings.change("health-check-timeout", "1s");
    pool.resize(1);
    String recycled = pool.recycleWorkersOneByOne(); // After it slot 0 alone has a worker.
    await("serpentry.operation", text -> text.startsWith(recycled + ": DONE"));
    int pid = worker(0).getPid();
    Processes.signal("STOP", pid);
    try {
      settings.setHealthCheckInterval("200ms");
      await("serpentry.worker.state", text -> text.contains("/0") && text.contains("-> DEGRADED"));
      HttpResponse<String> red = health("ready");
      assertThat(red.statusCode()).as(red.body()).isEqualTo(503);
      assertThat(red.body()).contains("no worker can serve");
      assertThat(health("live").body()).contains("control thread runs");
      assertThat(health("live").statusCode()).isEqualTo(200);
      assertThat(health("started").statusCode()).isEqualTo(200);
    } finally {
      Processes.signal("CONT", pid);
    }
    await(
        "serpentry.worker.state",
        text -> text.contains("/0") && text.contains("DEGRADED -> READY"));
    HttpResponse<String> green = health("ready");
    assertThat(green.statusCode()).as(green.body()).isEqualTo(200);
    settings.resetAll();
  }

  private HttpResponse<String> health(String kind) throws Exception {
    URI uri = URI.create(ServerUnderTest.healthUri() + "/" + kind);
    return http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
  }

  @Test
  void refusalsReachAClientWithoutTheApplicationsClasses() {
    assertThatThrownBy(() -> pool.recycleWorker(99))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("slot 99")
        .hasNoCause();
  }

  /** What the servers say to a user who may only look. */
  private static void assertRefused(ThrowingCallable operation) {
    assertThatThrownBy(operation)
        .isInstanceOfAny(SecurityException.class, JMRuntimeException.class)
        .hasMessageMatching("(?s).*(Access denied|Unauthorized access).*");
  }

  @Test
  void aReaderMayLookButNotTouch() throws Exception {
    try (JMXConnector reading = ServerUnderTest.connectJmx(ServerUnderTest.MONITOR)) {
      PythonPoolMXBean seen =
          TableProxies.of(
              reading.getMBeanServerConnection(), new ObjectName(POOL), PythonPoolMXBean.class);

      assertThat(seen.getSize()).isPositive();
      assertThat(seen.getRecentEvents()).isNotEmpty();
      assertRefused(seen::suspend);
      assertRefused(() -> seen.resize(3));
      assertRefused(seen::dumpPythonStacks);
      PoolSettingsMXBean settings =
          TableProxies.of(
              reading.getMBeanServerConnection(),
              new ObjectName(POOL + ",component=Settings"),
              PoolSettingsMXBean.class);
      assertThat(settings.getSettings()).isNotEmpty();
      assertRefused(() -> settings.setSize("3"));
      assertThat(seen.getSuspendedSince()).isEmpty();
      if (ServerUnderTest.name().equals("wildfly")) { // The JDK's access file lets nothing through.
        assertThat(settings.exportSettings()).isEmpty();
      }
    }
  }
}
