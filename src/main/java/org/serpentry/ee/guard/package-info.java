// SPDX-License-Identifier: Apache-2.0

/**
 * The guards: one class per pool, named after it ({@code org.serpentry.ee.guard.Ml} for the pool
 * {@code ml}), since MicroProfile Fault Tolerance keeps its state per class and method, and takes
 * overrides from MicroProfile Config under that name, for example {@code
 * org.serpentry.ee.guard.Ml/call/Bulkhead/value=20}. {@code Timeout}, a backstop that servers make
 * dear, is there only when something is set for it. What stands there of {@code callAsync} is
 * obeyed by Serpentry's own guard of asynchronous calls. Main type: {@link
 * org.serpentry.ee.guard.GuardClasses}, which defines them at deployment.
 */
package org.serpentry.ee.guard;
