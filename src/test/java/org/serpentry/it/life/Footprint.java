// SPDX-License-Identifier: Apache-2.0
package org.serpentry.it.life;

import com.sun.tools.attach.VirtualMachine;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/**
 * What a server's JVM holds after a full collection.
 *
 * @param threads names of the live threads
 * @param descriptors open file descriptors
 * @param beans MBeans of this project
 * @param loaders live class loaders of applications
 */
record Footprint(Set<String> threads, long descriptors, Set<String> beans, long loaders) {

  private static final List<String> APPLICATION_LOADERS =
      List.of("org.jboss.modules.ModuleClassLoader", "org.glassfish.web.loader.WebappClassLoader");

  @SuppressWarnings("BanJNDI") // The address is that of the child process's own local connector.
  static Footprint of(Process process) throws Exception {
    VirtualMachine machine = VirtualMachine.attach(Long.toString(process.pid()));
    String address;
    try {
      address = machine.startLocalManagementAgent();
    } finally {
      machine.detach();
    }
    try (JMXConnector connector = JMXConnectorFactory.connect(new JMXServiceURL(address))) {
      return read(connector.getMBeanServerConnection());
    }
  }

  private static Footprint read(MBeanServerConnection server) throws Exception {
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
    return new Footprint(names, descriptors, beans, loaders(histogram));
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
