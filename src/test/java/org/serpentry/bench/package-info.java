// SPDX-License-Identifier: Apache-2.0

/**
 * Benchmarks, run by {@code mvn -Pbench verify} and explained in {@code docs/benchmarks.md}. Main
 * type: {@link org.serpentry.bench.Rounds}, which lets subjects take turns.
 */
package org.serpentry.bench;
