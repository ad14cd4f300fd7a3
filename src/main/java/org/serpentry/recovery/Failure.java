// SPDX-License-Identifier: Apache-2.0
package org.serpentry.recovery;

import org.serpentry.api.FailureKind;

/**
 * A failure of a worker.
 *
 * @param kind in which way it failed
 * @param detail what was seen, in a few words, for example an exit code
 */
public record Failure(FailureKind kind, String detail) {}
