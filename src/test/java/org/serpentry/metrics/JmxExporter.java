// SPDX-License-Identifier: Apache-2.0
package org.serpentry.metrics;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.OutputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * What Prometheus's JMX exporter gives of this JVM. Its jar brings another release of Prometheus's
 * client than Micrometer, so it has a class loader that sees nothing but the JDK.
 */
final class JmxExporter {
  private static final String COLLECTOR = "io.prometheus.jmx.JmxCollector";
  private static final String REGISTRY = "io.prometheus.metrics.model.registry.PrometheusRegistry";
  private static final String SNAPSHOTS = "io.prometheus.metrics.model.snapshots.MetricSnapshots";
  private static final String WRITER =
      "io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter";

  private JmxExporter() {}

  /** Scrapes once, in Prometheus's text format. */
  static String scrape(Path configuration) throws Exception {
    URL type =
        JmxExporter.class.getClassLoader().getResource(COLLECTOR.replace('.', '/') + ".class");
    URL jar = ((JarURLConnection) type.openConnection()).getJarFileURL();
    try (URLClassLoader loader =
        new URLClassLoader(new URL[] {jar}, ClassLoader.getPlatformClassLoader())) {
      Object registry = loader.loadClass(REGISTRY).getConstructor().newInstance();
      Object collector =
          loader
              .loadClass(COLLECTOR)
              .getConstructor(File.class)
              .newInstance(configuration.toFile());
      loader
          .loadClass(COLLECTOR)
          .getMethod("register", loader.loadClass(REGISTRY))
          .invoke(collector, registry);
      Object snapshots = loader.loadClass(REGISTRY).getMethod("scrape").invoke(registry);
      Object writer = loader.loadClass(WRITER).getConstructor(boolean.class).newInstance(false);
      ByteArrayOutputStream text = new ByteArrayOutputStream();
      loader
          .loadClass(WRITER)
          .getMethod("write", OutputStream.class, loader.loadClass(SNAPSHOTS))
          .invoke(writer, text, snapshots);
      return text.toString(StandardCharsets.UTF_8);
    }
  }
}
