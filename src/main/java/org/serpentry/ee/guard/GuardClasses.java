// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee.guard;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.invoke.MethodHandles;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.serpentry.config.PoolConfig;
import org.serpentry.recovery.RetryDelays;

/** Defines the guard class of a pool. For the thread that deploys. */
public final class GuardClasses {

  /**
   * What a guard gives a call beyond its own limits: its timer must not win against the pool's
   * deadline, which knows more.
   */
  public static final Duration MARGIN = Duration.ofSeconds(5);

  private static final String TEMPLATE = GuardTemplate.class.getName();

  // By name: a server without fault tolerance has no such class, and is to be told so later.
  private static final String TIMEOUT = "Lorg/eclipse/microprofile/faulttolerance/Timeout;";

  private GuardClasses() {}

  /** In the place of {@code @Timeout} in a guard that has none; not even reflection shows it. */
  @Retention(RetentionPolicy.CLASS)
  @interface Untimed {
    /** The number that the timeout would have. */
    long value();
  }

  /**
   * Defines the guard class of a pool in the class loader of this class, once.
   *
   * @param pool the pool's settings, from which the annotations' values are derived
   * @param timed whether it has a {@code @Timeout}
   * @return the class, a CDI bean's in all but its registration
   */
  public static Class<?> define(PoolConfig pool, boolean timed) {
    String name = className(pool.name());
    byte[] copy;
    try {
      copy = copy(name, numbers(pool), timed);
    } catch (IOException e) {
      throw new UncheckedIOException("The guard of pool " + pool.name() + " cannot be made", e);
    }
    try {
      return MethodHandles.lookup().defineClass(copy);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException("This class may not define others in its package", e);
    } catch (LinkageError e) {
      throw new IllegalStateException(
          name + " exists already: Serpentry's jar belongs into each application, not beside them",
          e);
    }
  }

  private static byte[] copy(String name, Map<Number, Number> numbers, boolean timed)
      throws IOException {
    String file = TEMPLATE.replace('.', '/');
    try (InputStream template =
        GuardClasses.class.getClassLoader().getResourceAsStream(file + ".class")) {
      if (template == null) {
        throw new FileNotFoundException("there is no " + file + ".class");
      }
      String path = name.replace('.', '/');
      Map<String, String> texts = new HashMap<>();
      texts.put(file, path);
      texts.put("L" + file + ";", "L" + path + ";");
      if (!timed) {
        texts.put(TIMEOUT, Untimed.class.descriptorString());
      }
      return ClassFile.copy(template.readAllBytes(), texts, numbers);
    }
  }

  /** The numbers of a pool, by the template's constant. */
  static Map<Number, Number> numbers(PoolConfig pool) {
    long timeout = timeout(pool).toMillis();
    return Map.of(
        GuardTemplate.TIMEOUT_MILLIS,
        timeout,
        GuardTemplate.RETRIES,
        pool.maxRetries(),
        GuardTemplate.RETRY_MAX_MILLIS,
        (pool.maxRetries() + 1) * timeout,
        GuardTemplate.CALLERS,
        callers(pool));
  }

  /**
   * How many calls a pool can have at once, running or waiting.
   *
   * @param pool the pool's settings
   * @return the number
   */
  public static int callers(PoolConfig pool) {
    return pool.maxSize() * pool.life().callsPerWorker() + pool.queueCapacity();
  }

  /**
   * The timeout of one attempt, before MicroProfile Config's overrides.
   *
   * @param pool the pool's settings
   * @return longer than an attempt that keeps the pool's own limits, with the pause before it
   */
  public static Duration timeout(PoolConfig pool) {
    Duration longestPause = RetryDelays.of(pool).longest(pool.maxRetries());
    return pool.checkoutTimeout().plus(pool.operationTimeout()).plus(longestPause).plus(MARGIN);
  }

  /**
   * The name of a pool's guard class: the pool's name with its words capitalised and joined.
   *
   * @param pool the pool's name, for example {@code image-models-2}
   * @return for example {@code org.serpentry.ee.guard.ImageModels_2}; never the same for two pools
   */
  public static String className(String pool) {
    StringBuilder name = new StringBuilder();
    boolean word = true;
    for (int at = 0; at < pool.length(); at++) {
      char sign = pool.charAt(at);
      if (sign == '-') {
        name.append(word ? "_" : "");
        word = true;
      } else {
        boolean letter = Character.isLetter(sign);
        // An underscore keeps a-1 and a1 apart.
        name.append(word && !letter ? "_" : "").append(word ? Character.toUpperCase(sign) : sign);
        word = false;
      }
    }
    name.append(word ? "_" : "");
    String simple = name.toString();
    // With the underscores of dashes at the end, or guard-classes and guard-classes- would meet.
    String bare = simple.replaceFirst("_+$", "");
    boolean taken =
        bare.equals("GuardClasses") || bare.equals("GuardTemplate") || bare.equals("ClassFile");
    return GuardClasses.class.getPackageName() + "." + simple + (taken ? "_" : "");
  }
}
