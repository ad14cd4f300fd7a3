// SPDX-License-Identifier: Apache-2.0

/** Drives a headless Chromium over its DevTools protocol. Main type: {@code Chromium}. */
package org.serpentry.it.browser;
