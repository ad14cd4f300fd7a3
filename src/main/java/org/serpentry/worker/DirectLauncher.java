// SPDX-License-Identifier: Apache-2.0
package org.serpentry.worker;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.serpentry.spi.WorkerLauncher;

/** Starts the launcher as a child process of this JVM, with exactly the given environment. */
public final class DirectLauncher implements WorkerLauncher {

  @Override
  public Process launch(List<String> command, Map<String, String> environment, Path output)
      throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().clear();
    builder.environment().putAll(environment);
    builder.redirectErrorStream(true);
    builder.redirectOutput(output.toFile());
    return builder.start();
  }
}
