// SPDX-License-Identifier: Apache-2.0

/** Typed client proxies. Main type: {@code PythonClientProxy}. A leaf: nobody imports it. */
package org.serpentry.client;
