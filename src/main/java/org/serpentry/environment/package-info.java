// SPDX-License-Identifier: Apache-2.0

/**
 * The Python that workers run with: a configured interpreter or an environment built from locked
 * requirements, and the runtime's and the application's modules as files. Main type: {@link
 * org.serpentry.environment.PythonEnvironment}. Plain Java.
 */
package org.serpentry.environment;
