// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.MBeanServerDelegate;
import javax.management.MBeanServerFactory;
import javax.management.MBeanServerNotification;
import javax.management.Notification;
import javax.management.ObjectName;
import org.serpentry.config.OperationPolicy;
import org.serpentry.config.PoolConfig;
import org.serpentry.pool.TestPools;
import org.serpentry.pool.WorkerPool;

/** A running pool with its beans in an MBean server of its own, and all that they announce. */
final class ManagedPool implements AutoCloseable {
  static final long SECONDS = 30;

  final MBeanServer server = MBeanServerFactory.newMBeanServer();
  final WorkerPool pool;
  final ManagementRegistrar registrar;
  final LinkedBlockingQueue<Notification> notifications = new LinkedBlockingQueue<>();
  final LinkedBlockingQueue<MBeanServerNotification> beans = new LinkedBlockingQueue<>();

  ManagedPool(PoolConfig config) throws JMException {
    this(config, OperationPolicy.ALL);
  }

  ManagedPool(PoolConfig config, OperationPolicy policy) throws JMException {
    registrar = ManagementRegistrar.open(server, "shop", "", "", policy);
    pool = TestPools.start(config);
    server.addNotificationListener(
        MBeanServerDelegate.DELEGATE_NAME,
        (notification, handback) -> beans.add((MBeanServerNotification) notification),
        null,
        null);
    registrar.register(pool);
    server.addNotificationListener(
        poolName(), (notification, handback) -> notifications.add(notification), null, null);
  }

  static ObjectName name(String text) {
    try {
      return new ObjectName(text);
    } catch (JMException e) {
      throw new IllegalArgumentException(text, e);
    }
  }

  ObjectName poolName() {
    return name("serpentry:application=shop,pool=test");
  }

  ObjectName workerName(int slot) {
    return name("serpentry:application=shop,pool=test,worker=" + slot);
  }

  PythonPoolMXBean bean() {
    return TableProxies.of(server, poolName(), PythonPoolMXBean.class);
  }

  PythonWorkerMXBean worker(int slot) {
    return TableProxies.of(server, workerName(slot), PythonWorkerMXBean.class);
  }

  /** Waits for a notification; fails when it does not come. */
  Notification await(String type, Predicate<String> message) throws InterruptedException {
    return await(
        notifications, n -> n.getType().equals(type) && message.test(n.getMessage()), type);
  }

  /** Waits until a bean has been registered or unregistered, as the type says. */
  void awaitBean(String type, ObjectName name) throws InterruptedException {
    await(
        beans,
        n -> n.getType().equals(type) && n.getMBeanName().equals(name),
        type + " of " + name);
  }

  private static <T> T await(LinkedBlockingQueue<T> queue, Predicate<T> wanted, String what)
      throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    while (true) {
      T item = queue.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      if (item == null) {
        throw new AssertionError("no " + what + " within " + SECONDS + " s");
      }
      if (wanted.test(item)) {
        return item;
      }
    }
  }

  @Override
  public void close() {
    registrar.close();
    pool.close();
  }
}
