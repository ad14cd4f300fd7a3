// SPDX-License-Identifier: Apache-2.0
package org.serpentry.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import javax.management.JMException;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanServerConnection;
import javax.management.Notification;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import org.serpentry.dspy.DspyProgramsMXBean;
import org.serpentry.management.PoolCircuitsMXBean;
import org.serpentry.management.PoolSettingsMXBean;
import org.serpentry.management.PythonPoolMXBean;
import org.serpentry.management.PythonWorkerMXBean;
import org.serpentry.management.TableProxies;

/** An operator's remote console on one application. For one thread. */
final class Console implements AutoCloseable {
  private static final long SECONDS = 60;
  private static final long LOOK_MILLIS = 50;

  private final String application;
  private final JMXConnector connector;
  private final MBeanServerConnection server;

  Console(String application, String user) throws IOException {
    this.application = application;
    this.connector = ServerUnderTest.connectJmx(user);
    this.server = connector.getMBeanServerConnection();
  }

  ObjectName name(String pool, String rest) {
    try {
      return new ObjectName("serpentry:application=" + application + ",pool=" + pool + rest);
    } catch (JMException e) {
      throw new IllegalArgumentException(pool + rest, e);
    }
  }

  PythonPoolMXBean pool(String pool) {
    return TableProxies.of(server, name(pool, ""), PythonPoolMXBean.class);
  }

  PoolSettingsMXBean settings(String pool) {
    return TableProxies.of(server, name(pool, ",component=Settings"), PoolSettingsMXBean.class);
  }

  PoolCircuitsMXBean circuits(String pool) {
    return TableProxies.of(
        server, name(pool, ",component=CircuitBreaker"), PoolCircuitsMXBean.class);
  }

  DspyProgramsMXBean programs(String pool) {
    return TableProxies.of(server, name(pool, ",component=DspyPrograms"), DspyProgramsMXBean.class);
  }

  PythonWorkerMXBean worker(String pool, int slot) {
    return TableProxies.of(server, name(pool, ",worker=" + slot), PythonWorkerMXBean.class);
  }

  /** All that a bean of a pool shows, as text. */
  String everything(String pool, String rest) throws IOException, JMException {
    StringBuilder text = new StringBuilder();
    for (MBeanAttributeInfo attribute : server.getMBeanInfo(name(pool, rest)).getAttributes()) {
      text.append(server.getAttribute(name(pool, rest), attribute.getName())).append('\n');
    }
    return text.toString();
  }

  /** When the server's JVM was started. */
  Object serverStart() throws IOException, JMException {
    return server.getAttribute(new ObjectName("java.lang:type=Runtime"), "StartTime");
  }

  /** Begins to take in what a pool tells. */
  News news(String pool) throws IOException, JMException {
    return new News(server, name(pool, ""));
  }

  /** What an operator does, or what befalls the pool. */
  interface Action {
    void run() throws Exception;
  }

  /** Does something and waits until a pool tells of it in a notification. */
  void hears(String pool, String type, String text, Action action) throws Exception {
    try (News news = news(pool)) {
      action.run();
      news.await("serpentry." + type, message -> message.contains(text));
    }
  }

  /** Waits until the console shows something. */
  static void until(String what, BooleanSupplier shown) throws InterruptedException {
    LinkedBlockingQueue<Object> never = new LinkedBlockingQueue<>();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    while (!shown.getAsBoolean()) {
      assertThat(System.nanoTime()).as("%s within %d s", what, SECONDS).isLessThan(deadline);
      never.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS); // As a console does between two looks.
    }
  }

  /** Waits until a function runs, and shows its call. */
  PythonPoolMXBean.RunningCall running(String pool, String function) throws InterruptedException {
    AtomicReference<PythonPoolMXBean.RunningCall> shown = new AtomicReference<>();
    until(
        function + " runs",
        () -> {
          pool(pool).getRunningCalls().stream()
              .filter(row -> row.function().equals(function))
              .forEach(shown::set);
          return shown.get() != null;
        });
    return shown.get();
  }

  /** The session of a pool that was used last. */
  static PythonPoolMXBean.Session session(PythonPoolMXBean pool) {
    return pool.getSessions().get(0);
  }

  /** Waits for the end of a long operation and returns its state. */
  String end(String pool, String operation) throws InterruptedException {
    String[] state = new String[1];
    until(
        "the end of " + operation,
        () -> {
          state[0] =
              pool(pool).getOperations().stream()
                  .filter(row -> row.id().equals(operation))
                  .findFirst()
                  .orElseThrow()
                  .state();
          return !state[0].equals("RUNNING");
        });
    return state[0];
  }

  @Override
  public void close() throws IOException {
    connector.close();
  }

  /** The notifications of a pool since a moment. */
  static final class News implements AutoCloseable {
    private final MBeanServerConnection server;
    private final ObjectName pool;
    private final LinkedBlockingQueue<Notification> queue = new LinkedBlockingQueue<>();
    private final javax.management.NotificationListener listener =
        (notification, handback) -> queue.add(notification);

    News(MBeanServerConnection server, ObjectName pool) throws IOException, JMException {
      this.server = server;
      this.pool = pool;
      server.addNotificationListener(pool, listener, null, null);
    }

    /** Waits for one. */
    Notification await(String type, Predicate<String> message) throws InterruptedException {
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
      while (true) {
        Notification next = queue.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        assertThat(next).as("%s within %d s", type, SECONDS).isNotNull();
        if (next.getType().equals(type) && message.test(next.getMessage())) {
          return next;
        }
      }
    }

    @Override
    public void close() throws IOException, JMException {
      server.removeNotificationListener(pool, listener);
    }
  }
}
