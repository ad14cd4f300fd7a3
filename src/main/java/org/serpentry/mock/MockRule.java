// SPDX-License-Identifier: Apache-2.0
package org.serpentry.mock;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * One rule of a {@link MockScript}: which calls it is for, and how they end. It counts from its
 * last word ({@code returns}, {@code answers}, {@code raises}, …) on, and before all rules of the
 * same script that are older. For one thread.
 */
public final class MockRule {

  private final MockScript script;
  private final String pattern;
  private final Map<String, Object> arguments = new LinkedHashMap<>();
  private String session;
  private int times = Integer.MAX_VALUE;
  private double probability = 1;
  private Duration delay;

  MockRule(MockScript script, String pattern) {
    this.script = script;
    this.pattern = pattern;
  }

  /**
   * Only for calls with this argument.
   *
   * @param name the parameter's name
   * @param value what it must be; numbers are compared by their amount
   * @return this rule
   */
  public MockRule with(String name, Object value) {
    arguments.put(name, value);
    return this;
  }

  /**
   * Only for calls of this session.
   *
   * @param id the session's id
   * @return this rule
   */
  public MockRule inSession(String id) {
    session = id;
    return this;
  }

  /**
   * Only for the first calls that it fits; older rules are asked after that.
   *
   * @param count how many, 1 or more
   * @return this rule
   */
  public MockRule times(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("A rule holds for 1 call or more, not " + count);
    }
    times = count;
    return this;
  }

  /**
   * Only for some of the calls, drawn at random; see {@link MockScript#seed}.
   *
   * @param share from 0 (none) to 1 (all)
   * @return this rule
   */
  public MockRule sometimes(double share) {
    if (!(share >= 0 && share <= 1)) {
      throw new IllegalArgumentException("A probability is from 0 to 1, not " + share);
    }
    probability = share;
    return this;
  }

  /**
   * The call ends that much later; without it, the script's latency is used.
   *
   * @param latency zero or more
   * @return this rule
   */
  public MockRule after(Duration latency) {
    if (latency.isNegative()) {
      throw new IllegalArgumentException("A latency is zero or more, not " + latency);
    }
    delay = latency;
    return this;
  }

  /**
   * The calls have this result.
   *
   * @param value anything that JSON-B can write
   * @return the script
   */
  public MockScript returns(Object value) {
    return end(call -> new MockReply.Value(value));
  }

  /**
   * The calls have the result of this function; what it throws, Python raises, but for a {@link
   * MockCrashException}, which is the worker's death. A call that asks for a stream wants a list,
   * an iterator or a {@code Stream}.
   *
   * @param answer gets the call; may be called by many threads at once
   * @return the script
   */
  public MockScript answers(Function<? super MockCall, ?> answer) {
    return end(call -> new MockReply.Value(answer.apply(call)));
  }

  /**
   * Python raises.
   *
   * @param type the exception's name, for example {@code ValueError}; a built-in one when it has no
   *     dot
   * @param message its message
   * @return the script
   */
  public MockScript raises(String type, String message) {
    String full = type.indexOf('.') < 0 ? "builtins." + type : type;
    return end(call -> new MockReply.Raised(full, message));
  }

  /**
   * The worker dies in the middle of the call.
   *
   * @param exitCode its exit status, 0 to 255
   * @return the script
   */
  public MockScript crashes(int exitCode) {
    return end(call -> new MockReply.Crash(exitCode));
  }

  /**
   * The calls do not end until they are cancelled or run into their timeout.
   *
   * @return the script
   */
  public MockScript hangs() {
    return end(call -> new MockReply.Hang());
  }

  /**
   * The calls get a made-up value of the type that they want.
   *
   * @return the script
   */
  public MockScript invents() {
    return end(call -> new MockReply.Invented());
  }

  private MockScript end(Function<MockCall, MockReply.End> end) {
    return script.add(
        new Rule(pattern, Map.copyOf(nullsAsText()), session, times, probability, delay, end));
  }

  // Map.copyOf refuses nulls, and an expected null is a fact too.
  private Map<String, Object> nullsAsText() {
    Map<String, Object> copy = new LinkedHashMap<>();
    arguments.forEach((name, value) -> copy.put(name, value == null ? Rule.NULL : value));
    return copy;
  }

  /** A finished rule. Immutable but for its count, which the script guards. */
  static final class Rule {
    static final Object NULL = new Object();

    private final String pattern;
    private final Map<String, Object> arguments;
    private final String session;
    private final double probability;
    private final Duration delay;
    private final Function<MockCall, MockReply.End> end;
    private int left;

    private Rule(
        String pattern,
        Map<String, Object> arguments,
        String session,
        int times,
        double probability,
        Duration delay,
        Function<MockCall, MockReply.End> end) {
      this.pattern = pattern;
      this.arguments = arguments;
      this.session = session;
      this.left = times;
      this.probability = probability;
      this.delay = delay;
      this.end = end;
    }

    /** Whether it is for this call; takes one of its times when it is. */
    boolean take(MockCall call, java.util.random.RandomGenerator random) {
      boolean fits =
          left > 0
              && MockScript.matches(pattern, call.target())
              && (session == null || session.equals(call.session()))
              && arguments.entrySet().stream().allMatch(e -> has(call, e.getKey(), e.getValue()))
              && (probability >= 1 || random.nextDouble() < probability);
      if (fits && left != Integer.MAX_VALUE) {
        left--;
      }
      return fits;
    }

    private static boolean has(MockCall call, String name, Object value) {
      return call.named().containsKey(name)
          && Plain.same(value == NULL ? null : value, call.named().get(name));
    }

    MockReply.End end(MockCall call) {
      return end.apply(call);
    }

    /** Its own latency, or null. */
    Duration delay() {
      return delay;
    }
  }
}
