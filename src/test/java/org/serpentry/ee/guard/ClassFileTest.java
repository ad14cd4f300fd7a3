// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("layer-1")
class ClassFileTest {

  /** Has a constant of every sort, those of two places among them. */
  static final class Sample {
    static final long LONG = 1L << 40;
    static final double DOUBLE = 0.1;
    static final float FLOAT = 0.2f;
    static final String TEXT = "Füße \u0000 😀";

    private Sample() {}

    static List<Object> constants(Object more) {
      DoubleSupplier lambda = () -> DOUBLE;
      return List.of(LONG, lambda.getAsDouble(), FLOAT, TEXT + more, 1_000_000);
    }
  }

  @Test
  void aCopyWithoutChangesIsTheOriginal() throws IOException {
    for (Class<?> original : new Class<?>[] {Sample.class, List.class, ClassFileTest.class}) {
      byte[] bytes = bytes(original);

      assertThat(ClassFile.copy(bytes, Map.of(), Map.of())).as("%s", original).isEqualTo(bytes);
    }
  }

  @Test
  void whatIsNoClassFileIsRefused() throws IOException {
    byte[] damaged = Arrays.copyOf(bytes(Sample.class), 200);
    assertThatThrownBy(() -> ClassFile.copy(damaged, Map.of(), Map.of()))
        .isInstanceOf(EOFException.class);
    damaged[10] = 99; // the tag of the first constant
    assertThatThrownBy(() -> ClassFile.copy(damaged, Map.of(), Map.of()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("tag 99");
  }

  private static byte[] bytes(Class<?> type) throws IOException {
    try (InputStream file =
        type.getResourceAsStream("/" + type.getName().replace('.', '/') + ".class")) {
      return file.readAllBytes();
    }
  }
}
