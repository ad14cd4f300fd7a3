// SPDX-License-Identifier: Apache-2.0
package org.serpentry.adapter;

import java.util.concurrent.Executor;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.serpentry.config.PoolConfig;
import org.serpentry.mock.MockScript;
import org.serpentry.pool.PoolBuilder;
import org.serpentry.pool.PythonSetup;
import org.serpentry.spi.Codec;

/**
 * What a pool is opened with. An adapter takes of it what it needs.
 *
 * @param config the pool's settings
 * @param codec brings values over; closed by whoever made it, after the pool
 * @param python finds the Python to run; asked only by adapters that run Python
 * @param script answers where no Python does
 * @param completions asked by each asynchronous call where it is to end; a pool of workers takes
 *     the first answer for good
 * @param parts changes parts of a pool of workers before it starts
 */
public record AdapterSetup(
    PoolConfig config,
    Codec codec,
    Supplier<PythonSetup> python,
    MockScript script,
    Supplier<? extends Executor> completions,
    UnaryOperator<PoolBuilder> parts) {}
