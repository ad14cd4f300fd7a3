// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.serpentry.api.Service;
import org.serpentry.spi.ServiceEvent;

/** What answers a pool's calls: the pool itself, or what somebody put in its place. Any thread. */
public final class Services {

  private final PoolContext context;
  private final Crew crew;
  private final BooleanSupplier closed;
  private volatile UnaryOperator<ServiceView> cascade = UnaryOperator.identity();

  Services(PoolContext context, Crew crew, BooleanSupplier closed) {
    this.context = context;
    this.crew = crew;
    this.closed = closed;
  }

  /**
   * What answers now. Asks nobody.
   *
   * @return the service, and how it came to that
   */
  public ServiceView view() {
    if (closed.getAsBoolean()) {
      return ServiceView.of(Service.NONE, "it has been closed");
    }
    String fault = crew.outage().reason();
    return cascade.apply(ServiceView.of(fault.isEmpty() ? Service.POOL : Service.NONE, fault));
  }

  /**
   * Has somebody else say what answers, who puts others in the pool's place.
   *
   * @param view gets what is known of the pool itself; asked by any thread, must not block
   */
  public void servedBy(UnaryOperator<ServiceView> view) {
    cascade = view;
  }

  /**
   * Tells the listeners, and so the log, that something else answers now.
   *
   * @param event what
   */
  public void changed(ServiceEvent event) {
    boolean up = event.to().compareTo(event.from()) < 0;
    String text = (up ? "back again: " : "") + view().describe();
    context
        .reactor()
        .execute(
            () -> {
              if (up) {
                crew.announcer().inform(text);
              } else {
                crew.announcer().warn(text);
              }
              crew.announcer().tell(l -> l.onService(event));
            });
  }
}
