// SPDX-License-Identifier: Apache-2.0
package org.serpentry.dspy;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** The stand-in for a language model, for tests: a process on a free port of loopback. */
public final class ModelEndpoint implements AutoCloseable {
  private final Process process;
  private final String address;

  private ModelEndpoint(Process process, String address) {
    this.process = process;
    this.address = address;
  }

  /** Starts it; returns when it listens. */
  public static ModelEndpoint start() throws IOException {
    Process process =
        new ProcessBuilder("python3", "-B", "standin.py", "--port", "0")
            .directory(Path.of("python", "examples").toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
    String port = output.readLine();
    if (port == null) {
      throw new IOException("the stand-in did not start");
    }
    return new ModelEndpoint(process, "http://127.0.0.1:" + port + "/v1");
  }

  /** Where it answers. */
  public String address() {
    return address;
  }

  @Override
  public void close() throws IOException {
    process.getOutputStream().close();
    try {
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IOException("the stand-in did not end");
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
