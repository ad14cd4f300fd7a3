// SPDX-License-Identifier: Apache-2.0
package org.serpentry.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/** A Python script that uses DSPy by itself, in a process that is kept. For one thread. */
final class BareDspy implements AutoCloseable {

  private final Process process;
  private final Writer input;
  private final BufferedReader output;

  private BareDspy(Process process) {
    this.process = process;
    this.input = process.outputWriter(StandardCharsets.UTF_8);
    this.output = process.inputReader(StandardCharsets.UTF_8);
  }

  static BareDspy start(Path interpreter, String endpoint) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
                interpreter.toString(),
                BenchPython.SCRIPTS.resolve("bare_dspy.py").toString(),
                endpoint)
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().put("LITELLM_LOCAL_MODEL_COST_MAP", "true");
    return new BareDspy(builder.start());
  }

  /** Nanoseconds of executions one after the other. */
  long[] one(int count, String model) {
    return told("one " + count + " " + model);
  }

  /** Nanoseconds of as many executions at once. */
  long many(int count, String model) {
    return told("many " + count + " " + model)[0];
  }

  private long[] told(String line) {
    try {
      input.write(line + "\n");
      input.flush();
      String answer = output.readLine();
      if (answer == null) {
        throw new IllegalStateException("the script ended; its errors are above");
      }
      return Arrays.stream(answer.substring(1, answer.length() - 1).split(",", -1))
          .mapToLong(text -> Long.parseLong(text.strip()))
          .toArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    input.close();
    process.destroy();
  }
}
