// SPDX-License-Identifier: Apache-2.0
package org.serpentry;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/**
 * Fails the test class that leaves a thread of ours behind, in place of a class that comes later
 * and counts threads. JUnit finds it by its service file and uses it for every class; it is the
 * first extension of all, so that it looks last.
 */
public final class LeftoverThreads implements BeforeAllCallback, AfterAllCallback {

  private static final Namespace OURS = Namespace.create(LeftoverThreads.class);
  static final String PATIENCE = "serpentry.leftover.patience";
  private static final long PATIENCE_MILLIS = 90_000;

  @Override
  public void beforeAll(ExtensionContext context) {
    if (context.getParent().filter(parent -> parent.getTestClass().isPresent()).isEmpty()) {
      context.getStore(OURS).put(context.getUniqueId(), living());
    }
  }

  @Override
  public void afterAll(ExtensionContext context) throws InterruptedException {
    @SuppressWarnings("unchecked") // only beforeAll puts, and it puts no other type
    Map<Thread, String> before =
        (Map<Thread, String>) context.getStore(OURS).remove(context.getUniqueId());
    if (before == null) {
      return; // A nested class: the one around it looks.
    }
    long patience =
        context.getConfigurationParameter(PATIENCE, Long::valueOf).orElse(PATIENCE_MILLIS);
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(patience);
    for (Thread thread : living().keySet()) {
      if (!before.containsKey(thread)) {
        thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime())));
      }
    }
    Map<Thread, String> left = living();
    left.keySet().removeAll(before.keySet());
    if (!left.isEmpty()) {
      throw new AssertionError(
          context.getDisplayName() + " left threads behind:\n" + String.join("\n", left.values()));
    }
  }

  /** Our living threads with what they do. */
  private static Map<Thread, String> living() {
    Map<Thread, String> found = new LinkedHashMap<>();
    Thread.getAllStackTraces()
        .forEach(
            (thread, stack) -> {
              if (thread.getName().startsWith("serpentry-")) {
                found.put(
                    thread,
                    thread.getName()
                        + Arrays.stream(stack)
                            .map(frame -> "\n    at " + frame)
                            .collect(Collectors.joining()));
              }
            });
    return found;
  }
}
