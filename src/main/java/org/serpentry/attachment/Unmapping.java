// SPDX-License-Identifier: Apache-2.0
package org.serpentry.attachment;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;

/**
 * Unmaps memory at once rather than when the collector finds it. Only for buffers that nobody else
 * has a view of: a later access would end the JVM.
 */
final class Unmapping {

  private static final Logger LOG = System.getLogger(Unmapping.class.getName());
  private static final MethodHandle CLEANER = cleaner();

  private Unmapping() {}

  private static MethodHandle cleaner() {
    try {
      // By reflection, since javac warns of the class and the warning cannot be silenced.
      Class<?> unsafe = Class.forName("sun.misc.Unsafe");
      Field field = unsafe.getDeclaredField("theUnsafe");
      field.setAccessible(true);
      return MethodHandles.lookup()
          .findVirtual(unsafe, "invokeCleaner", MethodType.methodType(void.class, ByteBuffer.class))
          .bindTo(field.get(null));
    } catch (ReflectiveOperationException | RuntimeException e) {
      LOG.log(Level.DEBUG, "Shared memory is unmapped by the collector only", e);
      return null;
    }
  }

  static void unmap(MappedByteBuffer memory) {
    if (CLEANER == null) {
      return;
    }
    try {
      CLEANER.invoke((ByteBuffer) memory);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
