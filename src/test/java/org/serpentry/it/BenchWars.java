// SPDX-License-Identifier: Apache-2.0
package org.serpentry.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.HdrHistogram.Histogram;
import org.jboss.shrinkwrap.api.asset.StringAsset;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.serpentry.bench.BenchPython;
import org.serpentry.bench.Workload;

/** The WAR that {@link ServerBench} runs in. Used outside the container only. */
final class BenchWars {

  private BenchWars() {}

  static WebArchive war(String name) throws InterruptedException {
    WebArchive war =
        ServerUnderTest.war(name)
            .addPackage(Workload.class.getPackage())
            .addClasses(GuardedNothing.class, ServerUnderTest.class)
            .addAsLibrary(
                Path.of(
                        URI.create(
                            Histogram.class
                                .getProtectionDomain()
                                .getCodeSource()
                                .getLocation()
                                .toString()))
                    .toFile())
            .addAsResource(new StringAsset(settings()), "META-INF/microprofile-config.properties");
    return war.addAsWebInfResource(
        BenchPython.SCRIPTS.resolve("workload.py").toFile(), "python/workload.py");
  }

  private static String settings() throws InterruptedException {
    Path interpreter = BenchPython.interpreter();
    Map<String, String> settings = new TreeMap<>();
    settings.put("serpentry.pools", "guarded,untimed,direct");
    settings.put("org.serpentry.ee.guard.Guarded/call/Timeout/enabled", "true");
    settings.put("serpentry.pool.direct.fault-tolerance", "core");
    for (String pool : new String[] {"guarded", "untimed", "direct"}) {
      settings.put("serpentry.pool." + pool + ".size", "1");
      settings.put("serpentry.pool." + pool + ".max-size", "1");
      settings.put("serpentry.pool." + pool + ".interpreter", interpreter.toString());
    }
    settings.put("bench.interpreter", interpreter.toString());
    settings.put("bench.runtime", BenchPython.RUNTIME.toString());
    settings.put("bench.scripts", BenchPython.SCRIPTS.toString());
    settings.put("bench.server", ServerUnderTest.name());
    // For trials: -Dbench.rounds=…, -Dbench.settings=<key>=<value>,<key>=<value>
    String rounds = System.getProperty("bench.rounds");
    if (rounds != null) {
      settings.put("bench.rounds", rounds);
    }
    for (String setting : System.getProperty("bench.settings", "").split(",", 0)) {
      if (setting.contains("=")) {
        settings.put(
            setting.substring(0, setting.indexOf('=')),
            setting.substring(setting.indexOf('=') + 1));
      }
    }
    try {
      settings.put("bench.python", BenchPython.versions(interpreter));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return settings.entrySet().stream()
        .map(entry -> entry.getKey() + "=" + entry.getValue() + "\n")
        .collect(Collectors.joining());
  }
}
