// SPDX-License-Identifier: Apache-2.0
package org.serpentry.telemetry;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.serpentry.spi.PoolListener;
import org.serpentry.spi.PoolListener.CallEnd;

/**
 * The listeners of one pool, attached and detached at run time by any thread. A listener that
 * throws is logged and does not keep the others from hearing.
 */
public final class Listeners {

  private static final Logger LOG = System.getLogger(Listeners.class.getName());

  private final List<PoolListener> listeners = new CopyOnWriteArrayList<>();
  private final List<PoolListener> ofCalls = new CopyOnWriteArrayList<>();

  /**
   * Attaches a listener, which hears what happens from now on.
   *
   * @param listener the listener
   */
  public void attach(PoolListener listener) {
    listeners.add(listener);
    if (hearsCalls(listener)) {
      ofCalls.add(listener);
    }
  }

  /**
   * Detaches a listener; it may still hear what is being told at this moment.
   *
   * @param listener the listener
   */
  public void detach(PoolListener listener) {
    listeners.remove(listener);
    ofCalls.remove(listener);
  }

  private static boolean hearsCalls(PoolListener listener) {
    try {
      return listener.getClass().getMethod("onCallEnd", CallEnd.class).getDeclaringClass()
          != PoolListener.class;
    } catch (NoSuchMethodException e) {
      throw new IllegalStateException("every listener has its interface's methods", e);
    }
  }

  /**
   * Whether anybody hears of calls that end, so that the call path need not build what nobody does.
   *
   * @return whether an attached listener has an {@code onCallEnd} of its own
   */
  public boolean anyOfCalls() {
    return !ofCalls.isEmpty();
  }

  /**
   * Tells those that hear of it that a call ended.
   *
   * @param end the call
   */
  public void tellCallEnd(CallEnd end) {
    tell(ofCalls, listener -> listener.onCallEnd(end));
  }

  /**
   * Tells every listener.
   *
   * @param event calls one method of a listener
   */
  public void tell(Consumer<PoolListener> event) {
    tell(listeners, event);
  }

  private static void tell(List<PoolListener> hearers, Consumer<PoolListener> event) {
    for (PoolListener listener : hearers) {
      try {
        event.accept(listener);
      } catch (RuntimeException | Error e) {
        LOG.log(
            Level.WARNING, "A pool listener of " + listener.getClass().getName() + " failed", e);
      }
    }
  }
}
