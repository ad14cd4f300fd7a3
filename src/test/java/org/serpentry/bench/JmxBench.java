// SPDX-License-Identifier: Apache-2.0
package org.serpentry.bench;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.management.MBeanFeatureInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.serpentry.api.PythonFunction;
import org.serpentry.codec.JsonbCodec;
import org.serpentry.config.PoolConfig;
import org.serpentry.management.ManagementRegistrar;
import org.serpentry.pool.PoolBuilder;
import org.serpentry.pool.WorkerPool;

/** What a console costs that reads everything once a second, and what calls notice of it. */
@Tag("bench")
@DisabledIfSystemProperty(named = "bench.skip", matches = ".*\\bjmx\\b.*")
class JmxBench {

  private static final int MANY = 64;
  private static final int READINGS = Integer.getInteger("bench.jmx.readings", 200);
  private static final int ROUNDS = Integer.getInteger("bench.jmx.rounds", 10);
  private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long BETWEEN_MILLIS = 110; // What is read is kept for a tenth of a second.

  private final MBeanServer server = ManagementFactory.getPlatformMBeanServer();

  @Test
  void readingEveryAttributeOfAPoolOf64() throws Exception {
    var interpreter = BenchPython.interpreter();
    PoolConfig config =
        PoolConfig.builder("jmx").size(MANY).maxSize(MANY).preload(List.of("workload")).build();
    try (WorkerPool pool =
            new PoolBuilder(
                    config,
                    BenchPython.setup(interpreter),
                    JsonbCodec.create(false, config.maxNesting()))
                .start();
        ManagementRegistrar registrar = ManagementRegistrar.open("bench")) {
      registrar.register(pool);
      new Results(BenchPython.directory(), "jmx")
          .fact("Python", BenchPython.versions(interpreter))
          .put("read-pool-of-64", reading())
          .put("calls-beside-console", calls(pool))
          .write();
    }
  }

  private Set<ObjectName> beans() throws Exception {
    return server.queryNames(new ObjectName("serpentry:application=bench,*"), null);
  }

  /** Reads all attributes of all beans, each bean's in one go as a remote console does. */
  private int readAll() throws Exception {
    int read = 0;
    for (ObjectName bean : beans()) {
      String[] names =
          Arrays.stream(server.getMBeanInfo(bean).getAttributes())
              .map(MBeanFeatureInfo::getName)
              .toArray(String[]::new);
      int got = server.getAttributes(bean, names).size();
      if (got != names.length) {
        throw new IllegalStateException(
            "%s shows %d of its %d attributes".formatted(bean, got, names.length));
      }
      read += got;
    }
    return read;
  }

  /** How long one reading of everything takes, and which share of a core one a second takes. */
  private Figures reading() throws Exception {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    for (int i = 0; i < READINGS; i++) {
      readAll();
    }
    Histogram nanos = new Histogram(TimeUnit.MINUTES.toNanos(1), 3);
    int attributes = 0;
    long processor = 0;
    for (int i = 0; i < READINGS; i++) {
      if (new CountDownLatch(1).await(BETWEEN_MILLIS, TimeUnit.MILLISECONDS)) {
        throw new IllegalStateException("nobody counts this down");
      }
      long cpu = threads.getCurrentThreadCpuTime();
      long begin = System.nanoTime();
      attributes = readAll();
      nanos.recordValue(System.nanoTime() - begin);
      processor += threads.getCurrentThreadCpuTime() - cpu;
    }
    return Figures.of(nanos)
        .with("attributes", attributes)
        .with("onceASecondCpuPercent", 100.0 * processor / READINGS / WINDOW_NANOS);
  }

  /** Calls in windows of a second, of which every other one has a console reading everything. */
  private Figures calls(WorkerPool pool) throws Exception {
    PythonFunction function = pool.function(Workload.PLAIN);
    Histogram quiet = new Histogram(TimeUnit.MINUTES.toNanos(1), 3);
    Histogram watched = new Histogram(TimeUnit.MINUTES.toNanos(1), 3);
    window(function, new Histogram(TimeUnit.MINUTES.toNanos(1), 3));
    for (int i = 0; i < ROUNDS; i++) {
      window(function, quiet);
      AtomicBoolean failed = new AtomicBoolean();
      Thread console =
          new Thread(
              () -> {
                try {
                  readAll();
                } catch (Exception e) {
                  failed.set(true);
                }
              });
      console.start();
      window(function, watched);
      console.join();
      if (failed.get()) {
        throw new IllegalStateException("the console could not read");
      }
    }
    double before = quiet.getValueAtPercentile(50);
    return Figures.of(watched)
        .with("quietP50Micros", before / 1e3)
        .with("p50ChangePercent", 100 * (watched.getValueAtPercentile(50) / before - 1));
  }

  private static void window(PythonFunction function, Histogram nanos) {
    long end = System.nanoTime() + WINDOW_NANOS;
    for (long now = System.nanoTime(); now - end < 0; ) {
      Workload.call(function);
      long after = System.nanoTime();
      nanos.recordValue(after - now);
      now = after;
    }
  }
}
