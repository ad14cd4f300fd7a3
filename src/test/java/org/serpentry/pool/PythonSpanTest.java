// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Scope;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.serpentry.api.PythonType;
import org.serpentry.attachment.CheckedPython;
import org.serpentry.testing.TestPool;

/** One trace through both languages, each with its real OpenTelemetry. */
@Tag("core-pool")
@Tag("layer-3")
@Timeout(value = 180, unit = TimeUnit.SECONDS)
@SuppressWarnings("try") // a scope is there to be closed
class PythonSpanTest {
  private static final PythonType<List<Map<String, Object>>> SPANS = new PythonType<>() {};

  private SdkTracerProvider tracing;
  private TestPool pool;

  @BeforeEach
  void start() throws InterruptedException {
    tracing = SdkTracerProvider.builder().build();
    pool =
        TestPool.builder()
            .interpreter(CheckedPython.interpreter())
            .modules(Path.of("python/tests/modules").toAbsolutePath())
            .settings(config -> config.size(1).maxSize(1))
            .start();
  }

  @AfterEach
  void stop() {
    pool.close();
    tracing.close();
  }

  @Test
  void aSpanInPythonHasTheJavaCallersSpanAsItsParent() {
    pool.function("traced:record").call();
    Span caller = tracing.get("test").spanBuilder("the caller's").startSpan();
    try (Scope scope = caller.makeCurrent()) {
      pool.function("traced:work").call();
    } finally {
      caller.end();
    }

    Map<String, Object> call = ended("traced:work");
    assertThat(call)
        .containsEntry("trace", caller.getSpanContext().getTraceId())
        .containsEntry("parent", caller.getSpanContext().getSpanId())
        .containsEntry("kind", "SERVER");
    assertThat(ended("inner"))
        .containsEntry("trace", caller.getSpanContext().getTraceId())
        .containsEntry("parent", call.get("span"));
  }

  /** A span of Python's; that of a call ends just after its reply. */
  private Map<String, Object> ended(String name) {
    Optional<Map<String, Object>> found = Optional.empty();
    while (found.isEmpty()) {
      found =
          pool.function("traced:ended").call(SPANS).stream()
              .filter(span -> name.equals(span.get("name")))
              .findFirst();
    }
    return found.get();
  }
}
