// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The Python function raised, or its module did when it was imported. The Python frames stand at
 * the top of the Java stack trace. The message is the user code's own: never show it to a remote
 * client.
 */
public final class PythonCallException extends PythonPoolException {
  private static final long serialVersionUID = 1L;

  private final String pythonType;
  private final String pythonMessage;
  private final String traceback;
  private final ArrayList<PythonFrame> frames;

  /**
   * Reports.
   *
   * @param context where; transient only when the call is declared idempotent and so marked
   * @param target the function called
   * @param error what Python raised
   */
  public PythonCallException(ErrorContext context, String target, PythonError error) {
    super(
        ErrorCategory.PYTHON,
        error.importing() ? "import_failed" : "python_error",
        context.with("target", target).with("pythonType", error.type()),
        (error.importing() ? "the import for " : "")
            + target
            + " raised "
            + error.type()
            + (error.message().isEmpty() ? "" : ": " + error.message()),
        null);
    this.pythonType = error.type();
    this.pythonMessage = error.message();
    this.traceback = error.traceback();
    this.frames = new ArrayList<>(error.frames());
    prependPythonFrames();
  }

  /**
   * The qualified name of the Python exception's class, for example {@code builtins.ValueError}.
   */
  public String pythonType() {
    return pythonType;
  }

  /** The Python exception's own message. */
  public String pythonMessage() {
    return pythonMessage;
  }

  /** The full traceback as Python prints it. */
  public String traceback() {
    return traceback;
  }

  /** The frames of user code, outermost first as in Python. */
  public List<PythonFrame> frames() {
    return List.copyOf(frames);
  }

  /** Java shows the innermost frame first, Python the outermost. */
  private void prependPythonFrames() {
    List<StackTraceElement> elements = new ArrayList<>();
    for (PythonFrame frame : frames) {
      elements.add(frame.toStackTraceElement());
    }
    Collections.reverse(elements);
    elements.addAll(List.of(getStackTrace()));
    setStackTrace(elements.toArray(StackTraceElement[]::new));
  }
}
