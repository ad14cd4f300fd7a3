// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

/** How a worker process comes into being, named as Python's {@code multiprocessing} names it. */
public enum StartMethod {
  /** Forked from a template that has imported the preload modules once. */
  FORKSERVER,
  /** A new interpreter per worker, for what cannot fork (CUDA, imports that start threads). */
  SPAWN
}
