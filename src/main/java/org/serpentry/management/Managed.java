// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

/** A pool whose beans a registrar keeps. Called under the registrar's lock. */
interface Managed extends AutoCloseable {

  /** The pool's name. */
  String name();

  /** Registers the pool's own bean; false when a live bean has the name. */
  boolean claim(BeanNames candidate);

  /** Takes every bean of the pool away. */
  @Override
  void close();
}
