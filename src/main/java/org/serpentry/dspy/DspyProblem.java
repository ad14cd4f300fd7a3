// SPDX-License-Identifier: Apache-2.0
package org.serpentry.dspy;

import java.util.Locale;
import org.serpentry.api.ErrorCategory;

/** The kinds of {@link DspyException}. */
public enum DspyProblem {
  /** The pool's environment has no DSPy of version 3 or later. */
  DSPY_MISSING("DspyMissing", ErrorCategory.SYSTEM),
  /** A command without a program's id. */
  PROGRAM_ID_REQUIRED("ProgramIdRequired", ErrorCategory.PYTHON),
  /** The cleanup of a session without its id. */
  SESSION_ID_REQUIRED("SessionIdRequired", ErrorCategory.PYTHON),
  /** The id is taken. */
  DUPLICATE_PROGRAM("DuplicateProgram", ErrorCategory.PYTHON),
  /** There is no program of that id. */
  PROGRAM_NOT_FOUND("ProgramNotFound", ErrorCategory.PYTHON),
  /** The session has no programs, and there is no global one of that id. */
  SESSION_NOT_FOUND("SessionNotFound", ErrorCategory.PYTHON),
  /** As many programs are kept as the store takes. */
  TOO_MANY_PROGRAMS("TooManyPrograms", ErrorCategory.RESOURCE),
  /** The store of the programs failed, or has something else under a program's name. */
  STORE_FAILED("StoreFailed", ErrorCategory.SYSTEM),
  /** No language model has been configured. */
  LM_NOT_LOADED("LmNotLoaded", ErrorCategory.PYTHON),
  /** The language model's settings do not fit. */
  LM_SETTINGS("LmSettings", ErrorCategory.PYTHON),
  /** The signature lacks fields, or has one without a name or of an unknown type. */
  SIGNATURE("Signature", ErrorCategory.PYTHON),
  /** There is no such kind of program. */
  UNKNOWN_KIND("UnknownKind", ErrorCategory.PYTHON),
  /** The pool has not switched on that code written by a model runs. */
  GENERATED_CODE_OFF("GeneratedCodeOff", ErrorCategory.PYTHON),
  /** A state that is not JSON of DSPy's, or of another program. */
  STATE_REFUSED("StateRefused", ErrorCategory.PYTHON),
  /** The inputs do not fit the signature. */
  INPUTS("Inputs", ErrorCategory.PYTHON),
  /** DSPy could not build the program. */
  CREATION_FAILED("Creation", ErrorCategory.PYTHON),
  /** The program raised. */
  EXECUTION_FAILED("Execution", ErrorCategory.PYTHON),
  /** The language model's endpoint failed; see {@link DspyException#lmReason()}. */
  LM_FAILED("LmFailed", ErrorCategory.COMMUNICATION),
  /** The model's answer does not hold the outputs. */
  MALFORMED_OUTPUT("MalformedOutput", ErrorCategory.PYTHON);

  private static final String MODULE = "serpentry.programs.problems.";

  private final String pythonType;
  private final ErrorCategory category;

  DspyProblem(String name, ErrorCategory category) {
    this.pythonType = MODULE + name + "Error";
    this.category = category;
  }

  /** In snake_case, as {@link DspyException#type()} has it. */
  public String type() {
    return name().toLowerCase(Locale.ROOT);
  }

  ErrorCategory category() {
    return category;
  }

  /** The problem that a Python exception stands for, or null when it is none. */
  static DspyProblem of(String pythonType) {
    for (DspyProblem problem : values()) {
      if (problem.pythonType.equals(pythonType)) {
        return problem;
      }
    }
    return null;
  }
}
