// SPDX-License-Identifier: Apache-2.0
package org.serpentry.original;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestTag;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * The suite of the original's acceptance scenarios: every test with the tag {@code original},
 * wherever it stands, so that each runs once with its neighbours and all of them alone by {@code
 * mvn test -Dgroups=original}. JUnit finds this listener by its service file; after each class it
 * prints how many have run in this build so far, so that its last line has them all.
 */
public final class OriginalAcceptance implements TestExecutionListener {

  static final TestTag TAG = TestTag.create("original");

  private static final Path COUNTS = Path.of("target", "original-acceptance");

  private final AtomicInteger passed = new AtomicInteger();
  private final AtomicInteger failed = new AtomicInteger();
  private final AtomicInteger skipped = new AtomicInteger();

  @Override
  public void executionFinished(TestIdentifier test, TestExecutionResult result) {
    if (test.isTest() && test.getTags().contains(TAG)) {
      switch (result.getStatus()) {
        case SUCCESSFUL -> passed.incrementAndGet();
        case ABORTED -> skipped.incrementAndGet();
        case FAILED -> failed.incrementAndGet();
      }
    }
  }

  @Override
  public void executionSkipped(TestIdentifier test, String reason) {
    if (test.getTags().contains(TAG)) {
      skipped.incrementAndGet();
    }
  }

  @Override
  public void testPlanExecutionFinished(TestPlan plan) {
    int[] here = {passed.getAndSet(0), failed.getAndSet(0), skipped.getAndSet(0)};
    if (here[0] + here[1] + here[2] > 0) {
      int[] all = total(here);
      System.out.printf(
          "OriginalAcceptance: %d scenarios so far, %d passed, %d failed, %d skipped%n",
          all[0] + all[1] + all[2], all[0], all[1], all[2]);
    }
  }

  /** The sums over all JVMs of this build, which add a line each time. */
  private static int[] total(int[] here) {
    String build = System.getProperty("serpentry.test.build", "by hand").replaceAll("\\W", "-");
    try {
      Files.createDirectories(COUNTS);
      Path file = COUNTS.resolve(build);
      Files.writeString(
          file,
          "%d %d %d%n".formatted(here[0], here[1], here[2]),
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
      int[] sums = new int[here.length];
      for (String line : Files.readAllLines(file)) {
        String[] counts = line.split(" ", sums.length);
        for (int i = 0; i < sums.length; i++) {
          sums[i] += Integer.parseInt(counts[i]);
        }
      }
      return sums;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
