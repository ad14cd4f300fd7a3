// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.net.URL;
import java.net.URLClassLoader;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The exceptions are used by plain Java too, where no Jakarta class exists. */
@Tag("layer-1")
class OutsideServerTest {
  @Test
  void exceptionsWorkWhereTheEjbAnnotationDoesNotExist() throws Exception {
    URL classes = PythonPoolException.class.getProtectionDomain().getCodeSource().getLocation();
    try (URLClassLoader bare = bareLoader(classes)) {
      assertThatThrownBy(() -> bare.loadClass("jakarta.ejb.ApplicationException"))
          .isInstanceOf(ClassNotFoundException.class);
      Class<?> contextType = bare.loadClass(ErrorContext.class.getName());
      Object context = contextType.getMethod("ofPool", String.class).invoke(null, "p");
      Class<?> type = bare.loadClass(PoolSuspendedException.class.getName());
      Constructor<?> constructor = type.getConstructor(contextType);

      RuntimeException failure = (RuntimeException) constructor.newInstance(context);

      assertThat(failure).hasMessageStartingWith("p - the pool is suspended");
      assertThat(type.getClassLoader()).isSameAs(bare);
      assertThat(type.getSuperclass().getAnnotations()).isEmpty();
    }
  }

  private static URLClassLoader bareLoader(URL classes) throws IOException {
    return new URLClassLoader(new URL[] {classes}, ClassLoader.getPlatformClassLoader());
  }
}
