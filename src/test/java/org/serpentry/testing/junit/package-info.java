// SPDX-License-Identifier: Apache-2.0
/**
 * A JUnit 5 extension for the tests of whoever uses Serpentry. Its main type is {@link
 * org.serpentry.testing.junit.PythonPoolTest}: an annotation that gives a test class an isolated
 * pool of the layer that is asked for. Needs JUnit Jupiter, JSON-B and its provider on the tests'
 * class path. Stable.
 */
package org.serpentry.testing.junit;
