// SPDX-License-Identifier: Apache-2.0
package org.serpentry.bench;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.serpentry.api.PythonFunction;
import org.serpentry.api.PythonPool;
import org.serpentry.protocol.CallHeader;
import org.serpentry.protocol.Frame;
import org.serpentry.protocol.FrameKind;
import org.serpentry.spi.Codec;

/** The call that is measured: about 100 bytes of JSON in, a record out. */
public final class Workload {

  /** Plain objects on the Python side. */
  public static final String PLAIN = "workload:price";

  /** Dataclasses on the Python side. */
  public static final String TYPED = "workload:price_typed";

  /** What is bought. */
  public static final Order ORDER = new Order("Ada Lovelace", "punched cards", 12, 2.5, true);

  /** What is taken off. */
  public static final double DISCOUNT = 1.5;

  private Workload() {}

  /**
   * What is sent.
   *
   * @param customer who buys
   * @param item what
   * @param quantity how many
   * @param price of one
   * @param gift whether it is one
   */
  public record Order(String customer, String item, int quantity, double price, boolean gift) {}

  /**
   * What comes back.
   *
   * @param customer who buys
   * @param item what
   * @param quantity how many
   * @param total of all
   * @param gift whether it is one
   */
  public record Priced(String customer, String item, int quantity, double total, boolean gift) {}

  /** What every call must answer. */
  public static final Priced EXPECTED = new Priced("Ada Lovelace", "punched cards", 12, 28.5, true);

  /**
   * Calls it once.
   *
   * @param function one of the targets
   * @return the result
   */
  public static Priced call(PythonFunction function) {
    return function.arg("order", ORDER).arg("discount", DISCOUNT).call(Priced.class);
  }

  /**
   * Calls it once at every run, and looks at what it answers.
   *
   * @param function one of the targets
   * @return the subject, for any number of threads at once
   */
  public static Subject checked(PythonFunction function) {
    return () -> {
      Priced result = call(function);
      if (!result.equals(EXPECTED)) {
        throw new AssertionError(result + " in place of " + EXPECTED);
      }
    };
  }

  /**
   * Starts it once and waits for it.
   *
   * @param function one of the targets
   * @return the result
   */
  public static Priced callAsync(PythonFunction function) {
    return function.arg("order", ORDER).arg("discount", DISCOUNT).callAsync(Priced.class).join();
  }

  /**
   * The process of a pool's only worker.
   *
   * @param pool the pool
   * @return its id
   */
  public static long pid(PythonPool pool) {
    return pool.function("workload:pid").call(Long.class);
  }

  /**
   * What such a call passes.
   *
   * @return the arguments by name
   */
  static Map<String, Object> arguments() {
    Map<String, Object> arguments = new LinkedHashMap<>();
    arguments.put("order", ORDER);
    arguments.put("discount", DISCOUNT);
    return arguments;
  }

  /**
   * The frame that such a call sends.
   *
   * @param codec the pool's codec
   * @return its bytes
   */
  public static byte[] request(Codec codec) {
    byte[] payload = codec.encode(arguments());
    byte[] target = PLAIN.getBytes(StandardCharsets.UTF_8);
    int header = CallHeader.length(target, null, null);
    ByteBuffer out = ByteBuffer.allocate(Frame.PREFIX + header + payload.length);
    Frame.putPrefix(out, FrameKind.CALL, 0, 1, header, payload.length);
    CallHeader.put(out, TimeUnit.SECONDS.toNanos(120), target, null, null);
    return out.put(payload).array();
  }
}
