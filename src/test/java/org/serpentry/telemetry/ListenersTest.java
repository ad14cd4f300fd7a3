// SPDX-License-Identifier: Apache-2.0
package org.serpentry.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.api.Outcome;
import org.serpentry.spi.PoolListener;

/** Who hears of calls that end. */
@Tag("layer-1")
class ListenersTest {

  private static final PoolListener.CallEnd END =
      new PoolListener.CallEnd(
          new PoolListener.WorkerRef("pool", 0, 1, 2), 3, "m:f", Outcome.SUCCESS, 4);

  private final Listeners listeners = new Listeners();
  private final List<PoolListener.CallEnd> heard = new ArrayList<>();
  private final PoolListener ofCalls =
      new PoolListener() {
        @Override
        public void onCallEnd(CallEnd call) {
          heard.add(call);
        }
      };

  @Test
  void listenerWithoutAnOnCallEndOfItsOwnIsNotToldOfCalls() {
    listeners.attach(new PoolListener() {});

    assertThat(listeners.anyOfCalls()).isFalse();
  }

  @Test
  void listenerOfCallsHearsThemFromItsAttachmentToItsDetachment() {
    listeners.attach(ofCalls);
    assertThat(listeners.anyOfCalls()).isTrue();
    listeners.tellCallEnd(END);
    listeners.detach(ofCalls);
    listeners.tellCallEnd(END);

    assertThat(heard).containsExactly(END);
    assertThat(listeners.anyOfCalls()).isFalse();
  }
}
