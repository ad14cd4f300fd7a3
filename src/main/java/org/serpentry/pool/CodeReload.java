// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.time.Duration;

/**
 * A code reload that went well.
 *
 * @param codeHash the SHA-256 of the code that every worker runs now, in hex
 * @param formerHash that of the code before it
 * @param workers how many workers run it
 * @param took from the request to the last worker's replacement
 */
public record CodeReload(String codeHash, String formerHash, int workers, Duration took) {}
