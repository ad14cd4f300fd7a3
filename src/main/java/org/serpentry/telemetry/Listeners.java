// SPDX-License-Identifier: Apache-2.0
package org.serpentry.telemetry;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.serpentry.spi.PoolListener;

/**
 * The listeners of one pool, attached and detached at run time by any thread. A listener that
 * throws is logged and does not keep the others from hearing.
 */
public final class Listeners {

  private static final Logger LOG = System.getLogger(Listeners.class.getName());

  private final List<PoolListener> listeners = new CopyOnWriteArrayList<>();

  /**
   * Attaches a listener, which hears what happens from now on.
   *
   * @param listener the listener
   */
  public void attach(PoolListener listener) {
    listeners.add(listener);
  }

  /**
   * Detaches a listener; it may still hear what is being told at this moment.
   *
   * @param listener the listener
   */
  public void detach(PoolListener listener) {
    listeners.remove(listener);
  }

  /**
   * Whether nobody listens, so that the call path need not build what nobody hears.
   *
   * @return whether there is none
   */
  public boolean isEmpty() {
    return listeners.isEmpty();
  }

  /**
   * Tells every listener.
   *
   * @param event calls one method of a listener
   */
  public void tell(Consumer<PoolListener> event) {
    for (PoolListener listener : listeners) {
      try {
        event.accept(listener);
      } catch (RuntimeException | Error e) {
        LOG.log(
            Level.WARNING, "A pool listener of " + listener.getClass().getName() + " failed", e);
      }
    }
  }
}
