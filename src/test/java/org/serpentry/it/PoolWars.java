// SPDX-License-Identifier: Apache-2.0
package org.serpentry.it;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jboss.shrinkwrap.api.asset.StringAsset;
import org.jboss.shrinkwrap.api.spec.WebArchive;

/** Gives a WAR under test its Python modules and its settings. Used outside the container only. */
public final class PoolWars {
  private static final Path MODULES = Path.of("python", "tests", "modules");

  private PoolWars() {}

  /** The main WAR with the test modules and settings: two workers, no overflow. */
  public static WebArchive main(String name, Map<String, String> settings) {
    return configured(ServerUnderTest.war(name), settings);
  }

  /** Another application: the classes jar, a bean and a Python module of its own. */
  public static WebArchive greeting(String name) {
    return ServerUnderTest.warWithClassesJar(name)
        .addClasses(GreetingBean.class, GreetingBean.Application.class)
        .addAsWebInfResource(
            new StringAsset(
                """
                import serpentry


                @serpentry.expose
                def greet(name: str) -> str:
                    return f"Hello, {name}"
                """),
            "python/greeting.py")
        .addAsResource(
            new StringAsset("serpentry.pool.default.size=1\nserpentry.pool.default.max-size=1\n"),
            "META-INF/microprofile-config.properties");
  }

  /** Adds the test modules and the settings. */
  public static WebArchive configured(WebArchive war, Map<String, String> settings) {
    for (String module : new String[] {"faulty.py", "values.py"}) {
      war.addAsWebInfResource(MODULES.resolve(module).toFile(), "python/" + module);
    }
    war.addAsWebInfResource(
        new StringAsset(
            "import serpentry\n@serpentry.expose\ndef where() -> str:\n    return __name__\n"),
        "python/nested/inner.py");
    return war.addAsResource(
        new StringAsset(text(settings)), "META-INF/microprofile-config.properties");
  }

  private static String text(Map<String, String> settings) {
    Map<String, String> all = new TreeMap<>();
    String pools = settings.getOrDefault("serpentry.pools", "default");
    for (String pool : List.of(pools.split(",", -1))) {
      all.put("serpentry.pool." + pool + ".size", "1");
      all.put("serpentry.pool." + pool + ".max-size", "size");
    }
    all.putAll(settings);
    return all.entrySet().stream()
        .map(entry -> entry.getKey() + "=" + entry.getValue() + "\n")
        .collect(Collectors.joining());
  }
}
