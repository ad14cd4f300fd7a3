// SPDX-License-Identifier: Apache-2.0
package org.serpentry.bench.peers;

import java.util.LinkedHashMap;
import java.util.Map;
import org.serpentry.bench.Subject;
import org.serpentry.bench.Workload;
import org.serpentry.codec.JsonbCodec;

/**
 * Another way to the same Python function: {@link #run} encodes the workload's arguments, has them
 * answered, and decodes the result, with the codec that the pools have, too.
 */
abstract class Peer implements Subject, AutoCloseable {

  private final JsonbCodec codec = JsonbCodec.create(false, 128);

  /** The reply's JSON. */
  abstract byte[] exchange(byte[] request) throws Exception;

  /** The processes on the other side, none when it runs in this one. */
  abstract long[] pids();

  /** What it is made of, and how it is set up. */
  abstract String description();

  @Override
  public final void run() throws Exception {
    Map<String, Object> arguments = new LinkedHashMap<>();
    arguments.put("order", Workload.ORDER);
    arguments.put("discount", Workload.DISCOUNT);
    byte[] reply = exchange(codec.encode(arguments));
    Workload.Priced result = codec.decode(reply, 0, reply.length, Workload.Priced.class);
    if (!Workload.EXPECTED.equals(result)) {
      throw new AssertionError(result + " in place of " + Workload.EXPECTED);
    }
  }
}
