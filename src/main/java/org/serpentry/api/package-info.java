// SPDX-License-Identifier: Apache-2.0
/**
 * What applications use: the pool, calls, results and exceptions. Stable.
 *
 * <p>The one main type is {@code PythonPool}; every failure is a {@link
 * org.serpentry.api.PythonPoolException}.
 */
package org.serpentry.api;
