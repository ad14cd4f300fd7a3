// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A module {@code poisoned} whose workers die at their start, with exit code 41 and a last word,
 * while a file exists. Its template is well, as with a directory that only workers see.
 */
final class Poison {

  private Poison() {}

  /** Writes the module and returns the path of the file, which is not there yet. */
  static Path into(Path modules) throws IOException {
    Path poison = modules.resolve("poison");
    // Every worker seeds anew, as soon as it is itself.
    Files.writeString(
        modules.resolve("poisoned.py"),
        """
        import os
        import random
        seed = random.seed
        def deadly(*arguments):
            if os.path.exists('%s'):
                os.write(2, b'poisoned to death\\n')
                os._exit(41)
            seed(*arguments)
        random.seed = deadly
        """
            .formatted(poison));
    return poison;
  }
}
