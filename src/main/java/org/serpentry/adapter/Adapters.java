// SPDX-License-Identifier: Apache-2.0
package org.serpentry.adapter;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.function.Function;
import org.serpentry.adapter.AdapterChoice.Source;
import org.serpentry.config.NearestName;

/**
 * The adapters that there are: {@code python} (real workers), {@code mock} (a script), and those
 * that {@link ServiceLoader} finds, such as {@code bridge-mock} of the jar for tests. Immutable.
 */
public final class Adapters {

  /** What answers when nobody chooses. */
  public static final String DEFAULT = PythonAdapter.NAME;

  /** What invents its answers. */
  public static final String MOCK = MockAdapter.NAME;

  private final Map<String, Adapter> byName = new LinkedHashMap<>();

  private Adapters(Iterable<Adapter> found) {
    add(new PythonAdapter());
    add(new MockAdapter());
    found.forEach(this::add);
  }

  private void add(Adapter adapter) {
    Adapter other = byName.putIfAbsent(adapter.name(), adapter);
    if (other != null) {
      throw new IllegalArgumentException(
          "Two adapters are called '%s': %s and %s; leave one of them out of the class path"
              .formatted(adapter.name(), other.getClass().getName(), adapter.getClass().getName()));
    }
  }

  /**
   * All that a class loader sees.
   *
   * @param loader the application's, or a test's
   * @return the adapters
   */
  public static Adapters of(ClassLoader loader) {
    return new Adapters(ServiceLoader.load(Adapter.class, loader));
  }

  /**
   * Their names in the configuration.
   *
   * @return in a fixed order
   */
  public List<String> names() {
    return List.copyOf(byName.keySet());
  }

  /**
   * What each can do.
   *
   * @return by name
   */
  public Map<String, AdapterCapabilities> capabilities() {
    Map<String, AdapterCapabilities> all = new LinkedHashMap<>();
    byName.forEach((name, adapter) -> all.put(name, adapter.capabilities()));
    return Collections.unmodifiableMap(all);
  }

  /**
   * One of them.
   *
   * @param name its name in the configuration
   * @return the adapter
   * @throws IllegalArgumentException naming those that there are
   */
  public Adapter named(String name) {
    return find("adapter", name, Adapter::name);
  }

  /**
   * The one of a test mode.
   *
   * @param mode for example {@code mock_adapter}
   * @return the adapter
   * @throws IllegalArgumentException naming those that there are
   */
  public Adapter ofTestMode(String mode) {
    return find("test mode", mode, Adapter::testMode);
  }

  private Adapter find(String what, String wanted, Function<Adapter, String> name) {
    List<String> known = byName.values().stream().map(name).toList();
    return byName.values().stream()
        .filter(adapter -> name.apply(adapter).equals(wanted))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "There is no %s '%s'; known are %s; the nearest is %s%s"
                        .formatted(
                            what,
                            wanted,
                            String.join(", ", known),
                            NearestName.of(wanted, known).orElseThrow(),
                            known.size() > 2
                                ? ""
                                : ". The bridge mock is in serpentry's tests jar, which is not on"
                                    + " this class path")));
  }

  /**
   * Chooses: the first of the three that says something is heard.
   *
   * @param explicit an adapter's name given by code or an annotation
   * @param testMode a test mode
   * @param configured an adapter's name in the pool's configuration
   * @return what answers, and who chose it
   * @throws IllegalArgumentException when the one that is heard names none
   */
  public AdapterChoice choose(
      Optional<String> explicit, Optional<String> testMode, Optional<String> configured) {
    if (explicit.isPresent()) {
      return new AdapterChoice(named(explicit.get()), Source.EXPLICIT);
    }
    if (testMode.isPresent()) {
      return new AdapterChoice(ofTestMode(testMode.get()), Source.TEST_MODE);
    }
    return configured
        .map(name -> new AdapterChoice(named(name), Source.CONFIGURATION))
        .orElseGet(() -> new AdapterChoice(named(DEFAULT), Source.DEFAULT));
  }
}
