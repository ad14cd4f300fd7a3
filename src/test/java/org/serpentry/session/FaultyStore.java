// SPDX-License-Identifier: Apache-2.0
package org.serpentry.session;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.function.Consumer;
import org.serpentry.spi.SessionStore;

/** A session store that blocks, and before whose answers something may happen. Any thread. */
public final class FaultyStore {

  private final SessionStore real;
  private volatile Consumer<String> before = call -> {};

  /** In front of a store that works. */
  public FaultyStore(SessionStore real) {
    this.real = real;
  }

  /** The store. */
  public SessionStore store() {
    return (SessionStore)
        Proxy.newProxyInstance(
            SessionStore.class.getClassLoader(),
            new Class<?>[] {SessionStore.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("blocks")) {
                return true;
              }
              before.accept(
                  arguments == null ? method.getName() : method.getName() + " " + arguments[0]);
              try {
                return method.invoke(real, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  /** Has something happen before each call, which is given as its method and first argument. */
  public void before(Consumer<String> each) {
    before = each;
  }

  /** Has the calls of these beginnings fail. */
  public void fail(String... beginnings) {
    before =
        call -> {
          for (String beginning : beginnings) {
            if (call.startsWith(beginning)) {
              throw new IllegalStateException("no answer to " + call);
            }
          }
        };
  }

  /** Works again. */
  public void heal() {
    before = call -> {};
  }
}
