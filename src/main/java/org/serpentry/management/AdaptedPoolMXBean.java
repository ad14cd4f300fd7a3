// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

/**
 * A pool that runs no Python, in the place of the pool it stands for: {@code
 * serpentry:application=<app>,pool=<pool>}. Any thread may call.
 */
@Description("A pool that runs no Python: an adapter answers its calls.")
public interface AdaptedPoolMXBean {

  @Description("DEGRADED, since no Python answers, or CLOSED.")
  PoolStatus getStatus();

  @Description("Why the status is what it is.")
  String getStatusReason();

  @Description("What an operator might do about it; empty when there is nothing to do.")
  String getSuggestedAction();

  @Description("What answers calls that come now: MOCK, or NONE once it has been closed.")
  String getServedBy();

  @Description("The adapter's name and what chose it.")
  String getAdapter();
}
