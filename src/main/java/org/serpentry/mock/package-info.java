// SPDX-License-Identifier: Apache-2.0
/**
 * Pools without Python, for tests and for emergencies. The main type is {@link
 * org.serpentry.mock.MockPool}: a {@code PythonPool} whose answers come from a {@link
 * org.serpentry.mock.MockScript}, which also records every call. Values pass through the same codec
 * as those of real workers. Stable.
 */
package org.serpentry.mock;
