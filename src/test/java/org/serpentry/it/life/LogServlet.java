// SPDX-License-Identifier: Apache-2.0
package org.serpentry.it.life;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Context;
import jakarta.inject.Inject;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import javax.management.JMException;
import javax.management.ObjectName;
import org.serpentry.api.PythonPool;
import org.serpentry.telemetry.FlightRecorder;

/**
 * In the WAR: has Python print and log, in a trace, and answers with what the server's log was
 * given: level, logger, what the MDC says of worker and trace, and the text, each on a line.
 */
@WebServlet("/log")
public class LogServlet extends HttpServlet {
  /** The trace in which the calls are made. */
  static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

  private static final long serialVersionUID = 1L;
  private static final long PATIENCE_SECONDS = 60;
  private static final List<String> CATEGORIES =
      List.of("python.faulty", "serpentry.pool.default", "serpentry.slow", "serpentry.audit");

  @Inject private transient PythonPool python;

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    LinkedBlockingQueue<String> heard = new LinkedBlockingQueue<>();
    Handler handler = new Listening(heard);
    List<Logger> loggers = CATEGORIES.stream().map(Logger::getLogger).toList();
    loggers.forEach(logger -> logger.addHandler(handler));
    try {
      Span caller =
          Span.wrap(
              SpanContext.create(
                  TRACE, "00f067aa0ba902b7", TraceFlags.getSampled(), TraceState.getDefault()));
      Context.current().with(caller).wrap(this::makeNoise).run();
      List<String> answer = awaited(heard);
      answer.add("flight recorder: " + FlightRecorder.listener().isPresent());
      response.getWriter().print(String.join("\n", answer));
    } finally {
      loggers.forEach(logger -> logger.removeHandler(handler));
    }
  }

  private void makeNoise() {
    python.function("faulty:log").args("a record\nFORGED one\u001b[31m", 30).call();
    python.function("faulty:log_failure").args("a failure").call();
    python.function("faulty:print_lines").args(List.of("a print")).call();
    python.function("faulty:print_lines").args(List.of("a complaint"), "stderr").call();
    python.function("faulty:sleep").args(0.5).call();
    try {
      ManagementFactory.getPlatformMBeanServer()
          .invoke(
              new ObjectName("serpentry:application=noisy,pool=default"),
              "resetStatistics",
              new Object[0],
              new String[0]);
    } catch (JMException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<String> awaited(LinkedBlockingQueue<String> heard) throws IOException {
    Set<String> missing =
        new LinkedHashSet<>(
            List.of(
                "a record",
                "a failure",
                "a print",
                "a complaint",
                "faulty:sleep",
                "resetStatistics"));
    List<String> all = new ArrayList<>();
    try {
      while (!missing.isEmpty()) {
        String next = heard.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (next == null) {
          throw new IOException("never logged: " + missing + "; logged:\n" + all);
        }
        all.add(next.replace("\n", "|"));
        missing.removeIf(next::contains);
      }
      return all;
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  private static final class Listening extends Handler {
    private final LinkedBlockingQueue<String> heard;

    Listening(LinkedBlockingQueue<String> heard) {
      this.heard = heard;
    }

    @Override
    public void publish(LogRecord entry) {
      heard.add(
          String.join(
              " ",
              Integer.toString(entry.getLevel().intValue()),
              entry.getLoggerName(),
              mdc(entry, "serpentry.slot"),
              mdc(entry, "trace_id"),
              new SimpleFormatter().formatMessage(entry)));
    }

    /** What JBoss LogManager's records have and Java's own do not. */
    private static String mdc(LogRecord entry, String key) {
      try {
        Method mdc = entry.getClass().getMethod("getMdc", String.class);
        return String.valueOf(mdc.invoke(entry, key));
      } catch (NoSuchMethodException e) {
        return "-";
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}
