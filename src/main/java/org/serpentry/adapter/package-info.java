// SPDX-License-Identifier: Apache-2.0
/**
 * What stands behind a {@code PythonPool}: real workers, the real protocol with scripted workers,
 * or a script alone. The main type is {@link org.serpentry.adapter.Adapters}, which knows them all,
 * checks names and chooses: an explicit choice, then the test mode, then the configuration. Stable.
 */
package org.serpentry.adapter;
