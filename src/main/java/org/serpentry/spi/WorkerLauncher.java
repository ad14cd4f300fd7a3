// SPDX-License-Identifier: Apache-2.0
package org.serpentry.spi;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Starts the pool's launcher process. The default starts it directly; another may put a wrapper
 * around it, for example to run it as another user or in another control group.
 */
@FunctionalInterface
public interface WorkerLauncher {

  /**
   * Starts the process. Its standard input must be a pipe from this JVM, and the process must see
   * the paths in the command under the same names. Called on a pool's control thread: must return
   * soon.
   *
   * @param command the program and its arguments
   * @param environment its whole environment
   * @param output the file that takes its standard output and error
   * @return the running process
   * @throws IOException when it cannot be started
   */
  Process launch(List<String> command, Map<String, String> environment, Path output)
      throws IOException;
}
