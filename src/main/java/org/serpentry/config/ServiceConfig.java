// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Checked settings of one pool for what answers its calls. Immutable and safe for use by any
 * thread; {@link PoolConfig#services()} gives it.
 */
public final class ServiceConfig {
  /** The name of the fallback that invents its answers, and of the adapter that does. */
  public static final String MOCK = "mock";

  /** The name of the fallback that is one worker. */
  public static final String SINGLE = "single";

  private final Map<Setting<?>, Object> values;

  ServiceConfig(Map<Setting<?>, Object> values) {
    this.values = values;
  }

  /**
   * What answers the pool's calls. Default: {@code python}; range: python, mock, or the name of an
   * adapter on the class path.
   */
  public String adapter() {
    return ServiceSettings.ADAPTER_NAME.in(values);
  }

  /**
   * What answers in turn while the pool cannot. Default: empty; range: single, mock, or both in
   * this order.
   */
  public List<String> fallback() {
    return ServiceSettings.FALLBACK.in(values);
  }

  /**
   * Time that a fallback answers at least before a step above it is tried again. Default: {@code
   * 10s}; range: positive.
   */
  public Duration fallbackHold() {
    return ServiceSettings.FALLBACK_HOLD.in(values);
  }

  /** File with the answers of the mock. Empty: made-up values. Default: empty. */
  public Optional<Path> mockAnswers() {
    return ServiceSettings.MOCK_ANSWERS.in(values);
  }

  /** Whether Python's log records of level DEBUG come to the server's log. Default: false. */
  public boolean debugLog() {
    return ServiceSettings.DEBUG_LOG.in(values);
  }

  /** Whether any answer may be invented. */
  public boolean mayInvent() {
    return adapter().equals(MOCK) || fallback().contains(MOCK);
  }
}
