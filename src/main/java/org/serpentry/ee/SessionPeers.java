// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

import jakarta.enterprise.inject.Instance;
import java.security.Principal;
import java.util.Optional;
import java.util.function.Supplier;
import org.serpentry.spi.SessionStore;

/**
 * What the server and the application tell about sessions.
 *
 * @param caller tells the name of the caller that is authenticated now, empty for nobody
 * @param store the application's own bean that keeps sessions, or empty
 */
record SessionPeers(Supplier<String> caller, Optional<SessionStore> store) {

  /** Looks the application's beans up. */
  static SessionPeers of(Instance<Object> instances) {
    Instance<Principal> principals = instances.select(Principal.class);
    Instance<SessionStore> stores = instances.select(SessionStore.class);
    return new SessionPeers(
        () -> name(principals),
        stores.isUnsatisfied() ? Optional.empty() : Optional.of(stores.get()));
  }

  // Looked up at each call: the bean stands for whoever calls on this thread.
  private static String name(Instance<Principal> principals) {
    Principal caller = principals.isResolvable() ? principals.get() : null;
    String name = caller == null ? null : caller.getName();
    return name == null ? "" : name;
  }
}
