// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The checked settings of one application. Immutable and safe for use by any thread.
 *
 * @param applicationName name in JMX and logs; empty: the server's name for the application
 * @param pools by name, in the configured order; at least one, the first is the default pool
 * @param managementOperations what operators may do over JMX
 * @param restEnabled whether anything can be called over REST
 * @param restFunctions patterns {@code module:function} or {@code module:*} of what REST may call
 * @param restRole role that callers over REST must have
 * @param restMaxBodySize largest body of a request over REST, in bytes
 * @param monitor what is shown of the pools over HTTP
 * @param profile value of {@code mp.config.profile}; empty when there is none
 * @param testMode what answers the calls of all pools in a test; empty outside tests
 */
public record ApplicationConfig(
    Optional<String> applicationName,
    Map<String, PoolConfig> pools,
    OperationPolicy managementOperations,
    boolean restEnabled,
    List<String> restFunctions,
    String restRole,
    long restMaxBodySize,
    MonitorConfig monitor,
    String profile,
    String testMode) {

  /** The profile under which REST does not ask for a role on loopback. */
  public static final String DEVELOPMENT = "development";

  /** The profile under which nothing may invent answers. */
  public static final String PRODUCTION = "production";

  /** Whether {@code mp.config.profile} is {@value #DEVELOPMENT}. */
  public boolean development() {
    return profile.equals(DEVELOPMENT);
  }

  /**
   * Whether REST may call a function. Built-in commands ({@code serpentry:…}) are never permitted.
   *
   * @param target {@code module:function}
   */
  public boolean restPermits(String target) {
    int colon = target.indexOf(':');
    if (!restEnabled || colon <= 0 || target.startsWith("serpentry:")) {
      return false;
    }
    return restFunctions.contains(target)
        || restFunctions.contains(target.substring(0, colon) + ":*");
  }
}
