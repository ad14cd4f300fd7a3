// SPDX-License-Identifier: Apache-2.0
package org.serpentry.it.life;

import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;
import org.serpentry.testing.Processes;

/**
 * What a server's JVM holds after a full collection.
 *
 * @param threads names of this project's live threads
 * @param allThreads all live threads
 * @param descriptors open file descriptors
 * @param beans MBeans of this project
 * @param allBeans all MBeans
 * @param loaders live class loaders of applications
 * @param processes living descendants
 * @param sockets Unix sockets in the server's temporary directory, listened on or left as files
 */
record Footprint(
    Set<String> threads,
    int allThreads,
    long descriptors,
    Set<String> beans,
    int allBeans,
    long loaders,
    long processes,
    long sockets) {

  static final String PROCESSES = "processes";
  static final String THREADS = "threads";
  static final String DESCRIPTORS = "file descriptors";
  static final String BEANS = "MBeans";
  static final String LOADERS = "class loaders";
  static final String SOCKETS = "socket files";

  private static final List<String> APPLICATION_LOADERS =
      List.of("org.jboss.modules.ModuleClassLoader", "org.glassfish.web.loader.WebappClassLoader");

  @SuppressWarnings("BanJNDI") // The address is that of the child process's own local connector.
  static Footprint of(ServerProcess server) throws Exception {
    Process process = server.process();
    VirtualMachine machine = VirtualMachine.attach(Long.toString(process.pid()));
    String address;
    try {
      address = machine.startLocalManagementAgent();
    } finally {
      machine.detach();
    }
    try (JMXConnector connector = JMXConnectorFactory.connect(new JMXServiceURL(address))) {
      return read(server, connector.getMBeanServerConnection());
    }
  }

  private static Footprint read(ServerProcess process, MBeanServerConnection server)
      throws Exception {
    // What the first one finalizes or clears, the second one collects.
    histogram(server);
    String histogram = histogram(server);
    long descriptors =
        (Long)
            server.getAttribute(
                new ObjectName(ManagementFactory.OPERATING_SYSTEM_MXBEAN_NAME),
                "OpenFileDescriptorCount");
    ThreadMXBean threads =
        ManagementFactory.newPlatformMXBeanProxy(
            server, ManagementFactory.THREAD_MXBEAN_NAME, ThreadMXBean.class);
    Set<String> names =
        Arrays.stream(threads.dumpAllThreads(false, false))
            .map(info -> info.getThreadName())
            .filter(name -> name.toLowerCase(java.util.Locale.ROOT).contains("serpentry"))
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> beans =
        server.queryNames(new ObjectName("serpentry:*"), null).stream()
            .map(ObjectName::getCanonicalName)
            .collect(Collectors.toCollection(TreeSet::new));
    return new Footprint(
        names,
        threads.getThreadCount(),
        descriptors,
        beans,
        server.getMBeanCount(),
        loaders(histogram),
        process.process().descendants().filter(p -> Processes.alive(p.pid())).count(),
        sockets(ServerProcess.temporary(process.directory())));
  }

  private static long sockets(Path directory) throws IOException {
    Set<String> found = new TreeSet<>();
    for (String line : Files.readAllLines(Path.of("/proc/net/unix"))) {
      int path = line.indexOf(directory.toString());
      if (path >= 0) {
        found.add(line.substring(path));
      }
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        BasicFileAttributes kind = Files.readAttributes(file, BasicFileAttributes.class);
        if (kind.isOther()) {
          found.add(file.toString());
        }
      }
    }
    return found.size();
  }

  /** What has come since an earlier look, kind by kind. */
  Map<String, Long> since(Footprint before) {
    Map<String, Long> grown = new LinkedHashMap<>();
    grown.put(PROCESSES, processes - before.processes);
    grown.put(THREADS, (long) allThreads - before.allThreads);
    grown.put(DESCRIPTORS, descriptors - before.descriptors);
    grown.put(BEANS, (long) allBeans - before.allBeans);
    grown.put(LOADERS, loaders - before.loaders);
    grown.put(SOCKETS, sockets - before.sockets);
    return grown;
  }

  /** Counts instances after a full collection. */
  private static String histogram(MBeanServerConnection server) throws Exception {
    return (String)
        server.invoke(
            new ObjectName("com.sun.management:type=DiagnosticCommand"),
            "gcClassHistogram",
            new Object[] {new String[0]},
            new String[] {String[].class.getName()});
  }

  private static long loaders(String histogram) {
    return histogram
        .lines()
        .map(line -> line.trim().split("\\s+"))
        .filter(words -> words.length >= 4 && APPLICATION_LOADERS.contains(words[3]))
        .mapToLong(words -> Long.parseLong(words[1]))
        .sum();
  }
}
