// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The bounds of a pool's settings that join two of them. For one thread. */
final class CrossChecks {
  private final Map<Setting<?>, Object> values;
  private final Map<String, String> environment;

  CrossChecks(Map<Setting<?>, Object> values, Map<String, String> environment) {
    this.values = values;
    this.environment = environment;
  }

  /** Adds what is wrong to a list; {@code prefix} comes before the keys. */
  void check(String prefix, List<String> problems) {
    String cancel = ProcessSettings.CANCEL_SIGNAL.in(values);
    if (cancel.equals(ProcessSettings.DUMP_SIGNAL.in(values))) {
      problems.add(
          prefix + "dump-signal=" + cancel + " is refused; accepted: another than cancel-signal");
    }
    Duration min = PoolSettings.RESTART_BACKOFF_MIN.in(values);
    Duration max = PoolSettings.RESTART_BACKOFF_MAX.in(values);
    if (max.compareTo(min) < 0) {
      problems.add(
          prefix
              + "restart-backoff-max="
              + ValueTexts.text(max)
              + " is refused; accepted: restart-backoff-min ("
              + ValueTexts.text(min)
              + ") or more");
    }
    Duration cpu = LifeSettings.MAX_CPU.in(values);
    int calls = LifeSettings.CALLS_PER_WORKER.in(values);
    if (calls > 1 && !cpu.isZero()) {
      problems.add(
          "%smax-cpu=%s is refused beside calls-per-worker=%d: CPU time is a process's, and one call's cannot be told from its neighbours'; accepted: 0 with several calls"
              .formatted(prefix, ValueTexts.text(cpu), calls));
    }
    if (ProcessSettings.REQUIREMENTS.in(values).isPresent()) {
      checkBase(prefix, problems);
    } else {
      ProcessSettings.WHEELHOUSE
          .in(values)
          .ifPresent(
              path ->
                  problems.add(
                      prefix
                          + "wheelhouse="
                          + path
                          + " is refused without requirements, which it"
                          + " serves"));
    }
    checkModel(prefix, problems);
    for (String variable : environment.keySet()) {
      if (!ProcessSettings.VARIABLE.matcher(variable).matches()) {
        problems.add(
            prefix
                + "environment."
                + variable
                + " is refused; accepted: letters, digits and underscores, no digit first");
      }
    }
  }

  private void checkModel(String prefix, List<String> problems) {
    boolean key = !ModelSettings.LM_API_KEY.in(values).isEmpty();
    boolean file = ModelSettings.LM_API_KEY_FILE.in(values).isPresent();
    if (key && file) {
      problems.add(
          prefix
              + "lm-api-key-file is refused beside lm-api-key: both say the key; set one of them");
    }
    if ((key || file) && ModelSettings.LM_MODEL.in(values).isEmpty()) {
      problems.add(
          prefix
              + (key ? "lm-api-key" : "lm-api-key-file")
              + " is refused without lm-model, whose key it is");
    }
  }

  /**
   * An environment made from requirements is a new one, so a prebuilt one beside it is a mistake.
   */
  private void checkBase(String prefix, List<String> problems) {
    Path interpreter = Path.of(ProcessSettings.INTERPRETER.in(values));
    Path bin = interpreter.getParent();
    if (bin != null && Files.exists(bin.resolveSibling("pyvenv.cfg"))) {
      problems.add(
          prefix
              + "interpreter="
              + interpreter
              + " is refused beside requirements: it lies in a"
              + " virtual environment, and requirements asks for a new one; set one of the two");
    }
  }
}
