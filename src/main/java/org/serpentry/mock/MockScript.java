// SPDX-License-Identifier: Apache-2.0
package org.serpentry.mock;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.serpentry.config.NearestName;

/**
 * Says how calls end, without any Python, and remembers which there were. The same script serves
 * the mock adapter and the bridge mock.
 *
 * <pre>{@code
 * script.when("reviews:score").with("text", "good").returns(Map.of("label", "POSITIVE"));
 * script.when("reviews:*").sometimes(0.1).raises("ValueError", "out of tea");
 * script.latency(Duration.ofMillis(5), Duration.ofMillis(20));
 * …
 * script.assertCalled("reviews:score", 1);
 * }</pre>
 *
 * <p>Of several rules that fit, the newest counts. A call that none fits ends in {@code
 * FunctionNotExposedException}, unless {@link #invent} or {@link #otherwise} says something else.
 * Any thread may call anything.
 */
public final class MockScript {

  private static final int REMEMBERED = 10_000;

  private final ReentrantLock lock = new ReentrantLock();
  private final Clock clock;
  private final Deque<MockRule.Rule> rules = new ArrayDeque<>();
  private final Deque<MockExecution> executions = new ArrayDeque<>();
  private final Map<String, Consumer<MockScript>> scenarios = new LinkedHashMap<>();
  private Function<MockCall, MockReply.End> otherwise;
  private SplittableRandom random = new SplittableRandom(1);
  private Duration least = Duration.ZERO;
  private Duration most = Duration.ZERO;
  private long count;

  /** An empty script: no function is known to it. */
  public MockScript() {
    this(Clock.systemUTC());
  }

  MockScript(Clock clock) {
    this.clock = clock;
    this.otherwise = MockScript::unknown;
  }

  /**
   * Begins a rule.
   *
   * @param pattern {@code module:function}, {@code module:*} or {@code *}
   * @return the rule, to be ended by how the calls end
   */
  public MockRule when(String pattern) {
    if (!pattern.equals("*") && pattern.indexOf(':') <= 0) {
      throw new IllegalArgumentException(
          "A rule is for module:function, module:* or *, not for '" + pattern + "'");
    }
    return new MockRule(this, pattern);
  }

  MockScript add(MockRule.Rule rule) {
    return locked(() -> rules.addFirst(rule));
  }

  /**
   * Answers calls that no rule fits.
   *
   * @param answer gets the call; what it throws, Python raises
   * @return this script
   */
  public MockScript otherwise(Function<? super MockCall, ?> answer) {
    return locked(() -> otherwise = call -> new MockReply.Value(answer.apply(call)));
  }

  /**
   * Has calls that no rule fits answered by made-up values of the types that their callers want.
   *
   * @return this script
   */
  public MockScript invent() {
    return locked(() -> otherwise = call -> new MockReply.Invented());
  }

  /**
   * Has every call take a time between two, drawn at random.
   *
   * @param shortest zero or more
   * @param longest not below {@code shortest}
   * @return this script
   */
  public MockScript latency(Duration shortest, Duration longest) {
    if (shortest.isNegative() || longest.compareTo(shortest) < 0) {
      throw new IllegalArgumentException(
          "A latency is zero or more, the longest not below the shortest, not %s to %s"
              .formatted(shortest, longest));
    }
    return locked(
        () -> {
          least = shortest;
          most = longest;
        });
  }

  /**
   * Has a share of calls fail: short for a rule with {@link MockRule#sometimes}.
   *
   * @param pattern {@code module:function}, {@code module:*} or {@code *}
   * @param probability from 0 to 1
   * @param type the Python exception's name
   * @param message its message
   * @return this script
   */
  public MockScript injectError(String pattern, double probability, String type, String message) {
    return when(pattern).sometimes(probability).raises(type, message);
  }

  /**
   * Draws otherwise. The seed is 1 in every new script, so that a test repeats itself.
   *
   * @param seed any number
   * @return this script
   */
  public MockScript seed(long seed) {
    return locked(() -> random = new SplittableRandom(seed));
  }

  // ---- scenarios

  /**
   * Declares a scenario, to be played by its name; {@link #reset} keeps it.
   *
   * @param name its name
   * @param rules adds its rules to this script
   * @return this script
   */
  public MockScript scenario(String name, Consumer<MockScript> rules) {
    return locked(() -> scenarios.put(name, rules));
  }

  /**
   * Forgets all rules and calls, and plays a scenario.
   *
   * @param name a declared one
   * @return this script
   * @throws IllegalArgumentException naming those that are declared
   */
  public MockScript play(String name) {
    Consumer<MockScript> rulesOf;
    lock.lock();
    try {
      rulesOf = scenarios.get(name);
      if (rulesOf == null) {
        throw new IllegalArgumentException(
            "There is no scenario '%s'; declared are %s%s"
                .formatted(
                    name,
                    scenarios.keySet(),
                    NearestName.of(name, scenarios.keySet())
                        .map(near -> "; the nearest is " + near)
                        .orElse("")));
      }
    } finally {
      lock.unlock();
    }
    reset();
    rulesOf.accept(this);
    return this;
  }

  /** Forgets rules, latency, what happens otherwise, and the calls; declared scenarios stay. */
  public void reset() {
    locked(
        () -> {
          rules.clear();
          executions.clear();
          otherwise = MockScript::unknown;
          least = Duration.ZERO;
          most = Duration.ZERO;
          random = new SplittableRandom(1);
          count = 0;
        });
  }

  // ---- the calls

  /**
   * Answers a call and remembers it. For whoever plays a worker.
   *
   * @param call the call
   * @return how it ends
   */
  public MockReply reply(MockCall call) {
    MockRule.Rule rule = null;
    Function<MockCall, MockReply.End> rest;
    Duration delay;
    lock.lock();
    try {
      for (MockRule.Rule each : rules) {
        if (each.take(call, random)) {
          rule = each;
          break;
        }
      }
      rest = otherwise;
      delay = rule == null || rule.delay() == null ? latency() : rule.delay();
    } finally {
      lock.unlock();
    }
    // A user's function: it may take its time, and must not keep other calls out.
    MockCall before = snapshot(call);
    MockReply reply = new MockReply(end(call, rule, rest), delay);
    lock.lock();
    try {
      executions.addLast(new MockExecution(++count, before, reply, clock.instant()));
      if (executions.size() > REMEMBERED) {
        executions.removeFirst();
      }
      return reply;
    } finally {
      lock.unlock();
    }
  }

  private static MockReply.End end(
      MockCall call, MockRule.Rule rule, Function<MockCall, MockReply.End> rest) {
    try {
      MockReply.End builtIn = rule == null ? MockPrograms.answer(call) : null;
      return builtIn != null ? builtIn : rule == null ? rest.apply(call) : rule.end(call);
    } catch (RuntimeException e) {
      return MockReply.of(e);
    }
  }

  private static MockCall snapshot(MockCall call) {
    return new MockCall(
        call.target(),
        call.positional(),
        call.named(),
        call.session(),
        new LinkedHashMap<>(call.state()),
        call.timeout());
  }

  private Duration latency() {
    long span = most.minus(least).toNanos();
    return span == 0 ? least : least.plusNanos(random.nextLong(span + 1));
  }

  private static MockReply.End unknown(MockCall call) {
    return new MockReply.Unknown(
        "the script has no rule for %s; add when(\"%s\"), otherwise(…) or invent()"
            .formatted(call.target(), call.target()));
  }

  static boolean matches(String pattern, String target) {
    return pattern.equals("*")
        || pattern.equals(target)
        || (pattern.endsWith(":*")
            && target.startsWith(pattern.substring(0, pattern.length() - 1)));
  }

  /**
   * The calls that have come, retries included.
   *
   * @return the last 10,000, oldest first
   */
  public List<MockExecution> executions() {
    lock.lock();
    try {
      return List.copyOf(executions);
    } finally {
      lock.unlock();
    }
  }

  /**
   * The calls of some functions.
   *
   * @param pattern {@code module:function}, {@code module:*} or {@code *}
   * @return oldest first
   */
  public List<MockExecution> executions(String pattern) {
    return executions().stream().filter(e -> matches(pattern, e.call().target())).toList();
  }

  /**
   * Fails unless there have been this many calls.
   *
   * @param pattern {@code module:function}, {@code module:*} or {@code *}
   * @param times how many
   * @throws AssertionError naming the calls that there were
   */
  public void assertCalled(String pattern, int times) {
    int found = executions(pattern).size();
    if (found != times) {
      throw new AssertionError(
          "%s was called %d times, not %d; the calls were: %s"
              .formatted(pattern, found, times, told(executions())));
    }
  }

  /**
   * Fails unless a call with these arguments, among others, has come.
   *
   * @param pattern {@code module:function}, {@code module:*} or {@code *}
   * @param arguments by name; numbers are compared by their amount
   * @throws AssertionError naming the calls of these functions
   */
  public void assertCalledWith(String pattern, Map<String, ?> arguments) {
    List<MockExecution> found = executions(pattern);
    boolean any =
        found.stream()
            .anyMatch(
                e ->
                    arguments.entrySet().stream()
                        .allMatch(
                            a ->
                                e.call().named().containsKey(a.getKey())
                                    && Plain.same(a.getValue(), e.call().named().get(a.getKey()))));
    if (!any) {
      throw new AssertionError(
          "%s was not called with %s; its calls were: %s"
              .formatted(pattern, arguments, found.stream().map(e -> e.call().named()).toList()));
    }
  }

  private static List<String> told(List<MockExecution> calls) {
    List<String> targets = new ArrayList<>();
    calls.forEach(e -> targets.add(e.call().target()));
    return targets;
  }

  private MockScript locked(Runnable change) {
    lock.lock();
    try {
      change.run();
      return this;
    } finally {
      lock.unlock();
    }
  }
}
