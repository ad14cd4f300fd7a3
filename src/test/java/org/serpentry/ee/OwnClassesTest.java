// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("layer-1")
class OwnClassesTest {

  /** Has an index and, of the classes in it, what a test lets it have. */
  private static final class Application extends ClassLoader {
    private final String index;
    private final String needed;
    private final List<String> asked = new ArrayList<>();

    Application(String index, String needed) {
      super(null);
      this.index = index;
      this.needed = needed;
    }

    @Override
    public InputStream getResourceAsStream(String name) {
      return index == null
          ? null
          : new ByteArrayInputStream(index.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      asked.add(name);
      if (name.startsWith("absent.")) {
        throw new ClassNotFoundException(name);
      }
      throw new NoClassDefFoundError(needed);
    }
  }

  @Test
  void everyClassOfTheBuildsIndexIsThere() {
    OwnClasses.load(OwnClasses.class.getClassLoader());

    assertThat(getClass().getClassLoader().getResource("META-INF/serpentry/classes.index"))
        .isNotNull();
  }

  @Test
  void whatBuildsOnAnAbsentPartOfMicroProfileIsLeftOut() {
    Application application =
        new Application(
            "our.Fallback\nour.Readiness\n",
            "Failed to link our/Fallback: org/eclipse/microprofile/faulttolerance/FallbackHandler");

    OwnClasses.load(application);

    assertThat(application.asked).containsExactly("our.Fallback", "our.Readiness");
  }

  @Test
  void whatLacksAnythingElseFails() {
    assertThatThrownBy(() -> OwnClasses.load(new Application("our.Pool\n", "jakarta/json/Json")))
        .isInstanceOf(NoClassDefFoundError.class)
        .hasMessage("jakarta/json/Json");
  }

  @Test
  void aMissingClassOrIndexIsNamed() {
    assertThatThrownBy(() -> OwnClasses.load(new Application("absent.One\n", "")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("absent.One");
    assertThatThrownBy(() -> OwnClasses.load(new Application(null, "")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("META-INF/serpentry/classes.index is missing");
  }
}
