// SPDX-License-Identifier: Apache-2.0
package org.serpentry.telemetry;

import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/**
 * Stands for an exception in the log: with its frames, its causes and what it suppressed, and with
 * texts that cannot forge a further entry. What Python or a client wrote may stand in any of them.
 */
public final class SafeThrowable extends Throwable {

  private static final long serialVersionUID = 1;
  private static final int LONGEST = 2_000;
  private static final int MOST = 50;

  private final String text;

  private SafeThrowable(Throwable thrown, Set<Throwable> shown) {
    super(line(String.valueOf(thrown.getMessage())));
    text = line(thrown.toString());
    setStackTrace(
        Arrays.stream(thrown.getStackTrace())
            .map(SafeThrowable::frame)
            .toArray(StackTraceElement[]::new));
    if (isNew(thrown.getCause(), shown)) {
      initCause(new SafeThrowable(thrown.getCause(), shown));
    }
    for (Throwable suppressed : thrown.getSuppressed()) {
      if (isNew(suppressed, shown)) {
        addSuppressed(new SafeThrowable(suppressed, shown));
      }
    }
  }

  // They may go round in a circle.
  private static boolean isNew(Throwable thrown, Set<Throwable> shown) {
    return thrown != null && shown.size() < MOST && shown.add(thrown);
  }

  /**
   * What to give to a logger in place of an exception.
   *
   * @param thrown any
   * @return its likeness with up to 50 exceptions in all, each once, and each text on one line of
   *     at most 2000 characters
   */
  public static Throwable of(Throwable thrown) {
    Set<Throwable> shown = Collections.newSetFromMap(new IdentityHashMap<>());
    shown.add(thrown);
    return new SafeThrowable(thrown, shown);
  }

  /**
   * A text on one line, cut where it is too long for an entry.
   *
   * @param text any text
   * @return at most 2000 of its characters
   */
  public static String line(String text) {
    return SafeText.line(text.length() > LONGEST ? text.substring(0, LONGEST) + "…" : text);
  }

  // Frames of Python may be among those of Java, named as the user's files are.
  private static StackTraceElement frame(StackTraceElement frame) {
    return new StackTraceElement(
        frame.getClassLoaderName(),
        frame.getModuleName(),
        frame.getModuleVersion(),
        line(frame.getClassName()),
        line(frame.getMethodName()),
        frame.getFileName() == null ? null : line(frame.getFileName()),
        frame.getLineNumber());
  }

  /** The class of what it stands for, and the message. */
  @Override
  @SuppressWarnings("OverrideThrowableToString") // It is to look like another class.
  public String toString() {
    return text;
  }
}
