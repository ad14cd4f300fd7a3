// SPDX-License-Identifier: Apache-2.0
package org.serpentry.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What an application gets that takes the classes jar into its own WAR. */
@Tag("layer-1")
class ClassesJarIT {
  @Test
  void theClassesJarHoldsThePoolButOpensNoEndpoint() throws IOException {
    List<String> names;
    try (JarFile jar = new JarFile(System.getProperty("itest.classes.jar"))) {
      names = jar.stream().map(ZipEntry::getName).toList();
    }

    assertThat(names).contains("org/serpentry/api/PythonPool.class");
    assertThat(names).noneMatch(name -> name.startsWith("org/serpentry/rest"));
    assertThat(names).noneMatch(name -> name.endsWith("web.xml"));
  }
}
