// SPDX-License-Identifier: Apache-2.0
package org.serpentry.dspy;

import java.time.Duration;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/** Counts what is done with the programs of a pool. Any thread. */
final class ProgramCounts {

  private final LongSupplier nanoTime;
  private final long began;
  private final LongAdder commands = new LongAdder();
  private final LongAdder errors = new LongAdder();
  private final LongAdder executions = new LongAdder();
  private final LongAdder promptTokens = new LongAdder();
  private final LongAdder completionTokens = new LongAdder();
  private final LongAdder totalTokens = new LongAdder();
  private final LongAdder lmCalls = new LongAdder();
  private final LongAdder cacheHits = new LongAdder();
  private final LongAdder priced = new LongAdder();
  private final DoubleAdder cost = new DoubleAdder();

  ProgramCounts(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.began = nanoTime.getAsLong();
  }

  void command() {
    commands.increment();
  }

  void error() {
    errors.increment();
  }

  void executed(Usage usage) {
    executions.increment();
    promptTokens.add(usage.promptTokens());
    completionTokens.add(usage.completionTokens());
    totalTokens.add(usage.totalTokens());
    lmCalls.add(usage.lmCalls());
    cacheHits.add(usage.cacheHits());
    usage
        .cost()
        .ifPresent(
            dollars -> {
              priced.increment();
              cost.add(dollars);
            });
  }

  long commands() {
    return commands.sum();
  }

  long errors() {
    return errors.sum();
  }

  long executions() {
    return executions.sum();
  }

  Duration uptime() {
    return Duration.ofNanos(nanoTime.getAsLong() - began);
  }

  Usage usage() {
    return new Usage(
        promptTokens.sum(),
        completionTokens.sum(),
        totalTokens.sum(),
        lmCalls.sum(),
        cacheHits.sum(),
        priced.sum() == 0 ? OptionalDouble.empty() : OptionalDouble.of(cost.sum()));
  }
}
