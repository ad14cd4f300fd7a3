// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

import static java.lang.annotation.ElementType.FIELD;
import static java.lang.annotation.ElementType.METHOD;
import static java.lang.annotation.ElementType.PARAMETER;
import static java.lang.annotation.ElementType.TYPE;

import jakarta.enterprise.util.AnnotationLiteral;
import jakarta.inject.Qualifier;
import java.lang.annotation.Documented;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Names the pool to inject: {@code @Inject @PoolName("ml") PythonPool}. A name that is not among
 * those of the key {@code serpentry.pools} fails the deployment. Without this qualifier the first
 * of them, the default pool, is injected.
 */
@Qualifier
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({FIELD, METHOD, PARAMETER, TYPE})
public @interface PoolName {

  /**
   * The pool's name.
   *
   * @return one of {@code serpentry.pools}
   */
  String value();

  /** The qualifier as an object, for {@code Instance.select}. */
  final class Literal extends AnnotationLiteral<PoolName> implements PoolName {
    private static final long serialVersionUID = 1L;

    private final String value;

    private Literal(String value) {
      this.value = value;
    }

    /**
     * The qualifier of a pool.
     *
     * @param name the pool's name
     * @return the qualifier
     */
    public static Literal of(String name) {
      return new Literal(name);
    }

    @Override
    public String value() {
      return value;
    }
  }
}
