// SPDX-License-Identifier: Apache-2.0
package org.serpentry.it.life;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.serpentry.api.PoolName;
import org.serpentry.api.PythonPool;

/** Injects a pool that no setting names. */
@ApplicationScoped
public class MisnamedBean {
  @Inject
  @PoolName("imgaes")
  PythonPool pool;
}
