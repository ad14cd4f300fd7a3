// SPDX-License-Identifier: Apache-2.0

/**
 * Draws the benchmarks' results as SVG: the same results give the same bytes on every machine,
 * since no font is measured. Main type: {@link org.serpentry.bench.plots.Plots}.
 */
package org.serpentry.bench.plots;
