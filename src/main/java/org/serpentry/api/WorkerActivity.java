// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

/**
 * What a busy worker's process is seen to do between two looks at it from outside. It is a
 * suspicion for operators and never ends a call: a healthy call can hold Python's lock for long, or
 * wait for long.
 */
public enum WorkerActivity {
  /** No call runs on it, or the call has not run for long enough to be watched. */
  UNWATCHED,
  /** It has used the processor. */
  COMPUTING,
  /** It sleeps and has not used the processor: it waits for something. */
  WAITING,
  /** It has been stopped, for example by SIGSTOP or a debugger. */
  STOPPED,
  /** It cannot be seen, for example because the system is not Linux. */
  UNKNOWN
}
