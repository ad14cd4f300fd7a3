// SPDX-License-Identifier: Apache-2.0
/**
 * The fault kit, published as a jar of its own for the tests of whoever uses Serpentry. Its main
 * type is {@link org.serpentry.testing.TestPool}: a real pool with real Python processes that
 * starts in a fraction of a second, whose workers a test strikes with {@link
 * org.serpentry.testing.Faults}, whose events it awaits with {@link
 * org.serpentry.testing.PoolWatcher} and whose time it may drive with {@link
 * org.serpentry.testing.VirtualClock}. It needs no test framework. Stable.
 */
package org.serpentry.testing;
