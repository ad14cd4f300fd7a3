// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.baggage.Baggage;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.serpentry.api.PythonType;
import org.serpentry.telemetry.Traces;

/** What OpenTelemetry knows of the calling thread travels with its calls. */
@Tag("core-pool")
@Tag("layer-2")
@Timeout(120)
@SuppressWarnings("try") // a scope is there to be closed
class TraceContextTest {

  private static final PythonType<Map<String, String>> SEEN = new PythonType<>() {};

  private static SdkTracerProvider tracing;
  private static WatchedPool pool;

  @BeforeAll
  static void start() {
    tracing = SdkTracerProvider.builder().build();
    pool = WatchedPool.start(1, config -> config);
  }

  @AfterAll
  static void stop() {
    pool.close();
    tracing.close();
  }

  private static Span span() {
    return tracing.get("test").spanBuilder("the caller's").startSpan();
  }

  private static String traceparent(Span span) {
    SpanContext context = span.getSpanContext();
    return "00-%s-%s-01".formatted(context.getTraceId(), context.getSpanId());
  }

  @Test
  void theSpanThatIsCurrentAtTheCallReachesThePythonFunction() {
    Span span = span();
    try (Scope scope = span.makeCurrent()) {
      assertThat(pool.function("traced:seen").call(SEEN))
          .containsEntry("traceparent", traceparent(span))
          .containsEntry("tracestate", null)
          .containsEntry("baggage", null);
    } finally {
      span.end();
    }
  }

  @Test
  void tracestateAndBaggageGoWithIt() {
    SpanContext remote =
        SpanContext.createFromRemoteParent(
            "4bf92f3577b34da6a3ce929d0e0e4736",
            "00f067aa0ba902b7",
            TraceFlags.getDefault(),
            TraceState.builder().put("rojo", "1").build());
    Context context =
        Context.root()
            .with(Span.wrap(remote))
            .with(Baggage.builder().put("userId", "ann lee").build());
    try (Scope scope = context.makeCurrent()) {
      assertThat(pool.function("traced:seen").call(SEEN))
          .containsEntry("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00")
          .containsEntry("tracestate", "rojo=1")
          .containsEntry("baggage", "userId=ann%20lee");
    }
  }

  @Test
  void anAsynchronousCallAndAStreamAreInTheTraceOfWhoeverBeganThem() throws Exception {
    Span span = span();
    try (Scope scope = span.makeCurrent()) {
      var later = pool.function("traced:seen").callAsync(SEEN);
      assertThat(later.get(30, TimeUnit.SECONDS)).containsEntry("traceparent", traceparent(span));
      try (Stream<String> items = pool.function("traced:seen_items").stream(String.class)) {
        assertThat(items).containsExactly(traceparent(span));
      }
    } finally {
      span.end();
    }
  }

  @Test
  void withoutASpanNothingTravels() {
    assertThat(Traces.current()).isNull();
    assertThat(pool.function("traced:seen").call(SEEN)).containsEntry("traceparent", null);
  }

  @Test
  void nothingTravelsWhereTheSettingsSaySo() {
    Span span = span();
    try (Scope scope = span.makeCurrent();
        WatchedPool silent =
            WatchedPool.start(1, config -> config.life(life -> life.traceContext(false)))) {
      assertThat(silent.function("traced:seen").call(SEEN)).containsEntry("traceparent", null);
    } finally {
      span.end();
    }
  }

  @Test
  void baggageTooLongForAHeaderStaysBehind() {
    Span span = span();
    Baggage baggage = Baggage.builder().put("long", "x".repeat(10_000)).build();
    try (Scope scope = Context.current().with(span).with(baggage).makeCurrent()) {
      assertThat(pool.function("traced:seen").call(SEEN))
          .containsEntry("traceparent", traceparent(span))
          .containsEntry("baggage", null);
    } finally {
      span.end();
    }
  }
}
