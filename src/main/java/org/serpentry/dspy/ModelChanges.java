// SPDX-License-Identifier: Apache-2.0
package org.serpentry.dspy;

import java.util.Map;
import java.util.function.UnaryOperator;
import org.serpentry.api.PythonFunction;

/**
 * Puts language models in force that a worker has accepted. Any thread; blocks as a call does.
 *
 * @param parts what all views of the programs share
 * @param owner the session that the model is for, or null
 */
record ModelChanges(SharedPrograms parts, String owner) {

  /** Puts settings in force, whatever else was put in force meanwhile. */
  void configure(LmConfig settings) {
    accepted(settings);
    // Numbered anew: a key that its file brought meanwhile must not outlive what is asked for here.
    LmVersions.Numbered last = parts.models().number(owner, settings);
    parts.keep(owner, () -> parts.models().publish(last));
  }

  /**
   * Replaces the model for all by what is made of it. Whatever else replaces it meanwhile is not
   * lost: the change is then made to that.
   *
   * @param change makes the new settings; gets null while there is no model
   * @return the settings in force
   */
  LmConfig change(UnaryOperator<LmConfig> change) {
    LmVersions.Numbered before;
    LmConfig next;
    do {
      before = parts.models().of(null);
      next = change.apply(before == null ? null : before.settings());
      accepted(next);
    } while (!parts.models().replace(before, parts.models().number(null, next)));
    return next;
  }

  /** Has a worker look at settings, which it keeps for calls that name their number. */
  private void accepted(LmConfig settings) {
    LmVersions.Numbered numbered = parts.models().number(owner, settings);
    PythonFunction configure =
        parts
            .pool() // Anywhere: it must not wait for the session's running call.
            .function("serpentry:configure_lm")
            .arg("version", numbered.number())
            .arg("scope", numbered.wireScope());
    for (Map.Entry<String, Object> setting : settings.wire().entrySet()) {
      configure = configure.arg(setting.getKey(), setting.getValue());
    }
    configure.call();
  }
}
