// SPDX-License-Identifier: Apache-2.0
package org.serpentry.spi;

/**
 * A step of a code reload.
 *
 * @param pool the pool
 * @param step how far it has come
 * @param codeHash the SHA-256 of the new code in hex, or empty while it is not known
 * @param text what happened, for the log
 */
public record ReloadEvent(String pool, Step step, String codeHash, String text) {

  /** How far a reload has come. */
  public enum Step {
    /** New code has been copied; a template is about to import it. */
    STARTED,
    /** The first worker of the new code has proved itself; the others follow. */
    CANARY_PASSED,
    /** The new code was refused; the code before it serves on. */
    FAILED,
    /** Every worker runs the new code. */
    DONE
  }
}
