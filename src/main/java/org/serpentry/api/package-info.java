// SPDX-License-Identifier: Apache-2.0

/** The stable surface: what an application injects and calls. The way in is {@code PythonPool}. */
package org.serpentry.api;
