// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import static java.lang.annotation.ElementType.METHOD;
import static java.lang.annotation.ElementType.PARAMETER;

import java.lang.annotation.Documented;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import javax.management.DescriptorKey;

/**
 * The unit of an attribute (on its getter) or a parameter, which consoles get as the field {@code
 * units} of its descriptor, as {@link javax.management.Descriptor} lays down.
 */
@Documented
@Target({METHOD, PARAMETER})
@Retention(RetentionPolicy.RUNTIME)
public @interface Unit {
  /** Such as {@code milliseconds} or {@code bytes}. */
  @DescriptorKey("units")
  String value();
}
