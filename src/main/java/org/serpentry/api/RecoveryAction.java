// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

/** What is done about a worker that has failed. */
public enum RecoveryAction {
  /** It is tried again: it goes back to work when it answers, or its start is repeated. */
  RETRY,
  /** It gets no calls until a probe succeeds. */
  DEGRADE,
  /** It ends now; its place is filled again. */
  REMOVE,
  /** Another one is started in its place, and it ends when that one is ready. */
  REPLACE
}
