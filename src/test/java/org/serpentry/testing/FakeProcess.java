// SPDX-License-Identifier: Apache-2.0
package org.serpentry.testing;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What looks like a launcher's process and is a thread of this JVM. Its number is above any that
 * Linux gives, so that whoever looks at it finds nothing. Any thread may call anything.
 */
final class FakeProcess extends Process {

  private static final int KILLED = 137;
  private static final AtomicInteger NUMBERS = new AtomicInteger(1 << 30);

  private final int pid = number();
  private final CompletableFuture<String> line = new CompletableFuture<>();
  private final CompletableFuture<Integer> status = new CompletableFuture<>();
  private final OutputStream input =
      new OutputStream() {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        @Override
        public void write(int b) {
          if (b == '\n') {
            line.complete(bytes.toString(StandardCharsets.UTF_8));
          } else {
            bytes.write(b);
          }
        }

        @Override
        public void close() {
          // Its end tells a launcher that its host is gone.
          line.completeExceptionally(new IllegalStateException("closed before its first line"));
          end(0);
        }
      };

  /** A number for something that is no process. */
  static int number() {
    return NUMBERS.getAndIncrement();
  }

  /** The first line of its standard input, once it is there. */
  CompletableFuture<String> firstLine() {
    return line;
  }

  /** Its end, once it has ended. */
  CompletableFuture<Integer> status() {
    return status;
  }

  /** Ends it, unless it has ended. */
  void end(int exitStatus) {
    status.complete(exitStatus);
  }

  @Override
  public OutputStream getOutputStream() {
    return input;
  }

  @Override
  public InputStream getInputStream() {
    return InputStream.nullInputStream();
  }

  @Override
  public InputStream getErrorStream() {
    return InputStream.nullInputStream();
  }

  @Override
  public int waitFor() throws InterruptedException {
    try {
      return status.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public boolean waitFor(long timeout, TimeUnit unit) throws InterruptedException {
    try {
      status.get(timeout, unit);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public int exitValue() {
    if (!status.isDone()) {
      throw new IllegalThreadStateException("it has not ended");
    }
    return status.join();
  }

  @Override
  public boolean isAlive() {
    return !status.isDone();
  }

  @Override
  public CompletableFuture<Process> onExit() {
    return status.thenApply(value -> this);
  }

  @Override
  public void destroy() {
    end(KILLED);
  }

  @Override
  public Process destroyForcibly() {
    end(KILLED);
    return this;
  }

  @Override
  public long pid() {
    return pid;
  }
}
