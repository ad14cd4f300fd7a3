// SPDX-License-Identifier: Apache-2.0
package org.serpentry.telemetry;

import java.util.ArrayList;
import java.util.List;
import org.serpentry.spi.PoolListener.SlowCall;
import org.serpentry.spi.SlowCallEvidence;

/** Writes down a slow call for the log, in one entry of several lines. */
final class SlowCallText {

  private static final int MOST_FRAMES = 60;

  private SlowCallText() {}

  static String of(SlowCall call) {
    SlowCallEvidence evidence = call.evidence();
    StringBuilder text = new StringBuilder(128);
    text.append(call.worker())
        .append(": request ")
        .append(call.requestId())
        .append(" to ")
        .append(SafeText.line(call.target()))
        .append(evidence.running() ? " has run for " : " has ended after ")
        .append(call.runningMillis())
        .append(" ms");
    if (evidence.queuedMillis() >= 0) {
      text.append(", after ").append(evidence.queuedMillis()).append(" ms in the queue");
    }
    if (!call.caller().isEmpty()) {
      text.append(", called by ").append(SafeText.line(call.caller()));
    }
    if (call.session() != null) {
      text.append(", session ").append(SafeText.line(call.session()));
    }
    if (call.traceparent() != null) {
      text.append(", trace ").append(SafeText.line(call.traceparent()));
    }
    arguments(text, evidence);
    text.append("\n  caller's stack:");
    if (evidence.callerStack().isEmpty()) {
      text.append(" none: the caller did not wait, or the call has ended");
    }
    frames(evidence.callerStack())
        .forEach(frame -> text.append("\n    at ").append(SafeText.line(frame)));
    text.append("\n  Python stacks:\n").append(SafeText.lines(evidence.pythonStacks(), "    "));
    return text.toString();
  }

  /** The innermost frames, without the loaders and modules that make them unreadable. */
  static List<String> frames(List<StackTraceElement> stack) {
    List<String> lines = new ArrayList<>();
    for (StackTraceElement frame : stack.subList(0, Math.min(MOST_FRAMES, stack.size()))) {
      lines.add(
          new StackTraceElement(
                  frame.getClassName(),
                  frame.getMethodName(),
                  frame.getFileName(),
                  frame.getLineNumber())
              .toString());
    }
    if (stack.size() > MOST_FRAMES) {
      lines.add("%d frames more".formatted(stack.size() - MOST_FRAMES));
    }
    return lines;
  }

  private static void arguments(StringBuilder text, SlowCallEvidence evidence) {
    text.append("\n  arguments:");
    if (evidence.payloadBytes() >= 0) {
      text.append(' ').append(evidence.payloadBytes()).append(" bytes of JSON");
    }
    for (String argument : evidence.arguments()) {
      text.append("\n    ").append(SafeText.line(argument));
    }
  }
}
