// SPDX-License-Identifier: Apache-2.0

/** Work over Jakarta Messaging. A leaf: nobody imports it. */
package org.serpentry.messaging;
