// SPDX-License-Identifier: Apache-2.0

/**
 * MXBeans, their registrar and notifications. Main type: {@code ManagementRegistrar}. Plain Java
 * plus {@code javax.management}.
 */
package org.serpentry.management;
