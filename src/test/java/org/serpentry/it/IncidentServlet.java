// SPDX-License-Identifier: Apache-2.0
package org.serpentry.it;

import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.serpentry.api.PoolName;
import org.serpentry.api.PythonFunction;
import org.serpentry.api.PythonPool;
import org.serpentry.api.PythonPoolException;
import org.serpentry.dspy.DspyPrograms;
import org.serpentry.dspy.LmConfig;
import org.serpentry.dspy.ProgramDefinition;

/**
 * Calls a function of a pool, for clients outside: {@code pool}, {@code function}, {@code session},
 * one {@code number}, {@code text} or number of {@code bytes}. A failure is a 500. With {@code
 * logged} it waits for such a warning of the pool {@code small}.
 */
@WebServlet("/call")
public class IncidentServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;
  private static final String MODEL = "model";
  private static final long SECONDS = 60;

  @Inject @Any private transient Instance<PythonPool> pools;
  @Inject @Any private transient Instance<DspyPrograms> programs;

  private final transient LinkedBlockingQueue<String> warnings = new LinkedBlockingQueue<>();
  private final transient Handler listening = new Listening(warnings);
  private final transient Logger log = Logger.getLogger("serpentry.pool.small");

  @Override
  public void init() {
    log.addHandler(listening);
  }

  @Override
  public void destroy() {
    log.removeHandler(listening);
  }

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    response.setContentType("text/plain");
    try {
      Object answer;
      if (request.getParameter("logged") != null) {
        answer = logged(request.getParameter("logged"));
      } else {
        answer = request.getParameter("function") == null ? ask(request) : call(request);
      }
      response.getWriter().print(answer);
    } catch (PythonPoolException e) {
      response.setStatus(HttpServletResponse.SC_INTERNAL_SERVER_ERROR);
      response.getWriter().print(e);
    }
  }

  private Object call(HttpServletRequest request) {
    PythonPool pool = pools.select(PoolName.Literal.of(request.getParameter("pool"))).get();
    String target = request.getParameter("function");
    String session = request.getParameter("session");
    PythonFunction function =
        session == null ? pool.function(target) : pool.session(session).function(target);
    List<Object> arguments = new ArrayList<>();
    if (request.getParameter("number") != null) {
      arguments.add(Integer.valueOf(request.getParameter("number")));
    }
    if (request.getParameter("text") != null) {
      arguments.add(request.getParameter("text"));
    }
    if (request.getParameter("bytes") != null) {
      arguments.add(new byte[Integer.parseInt(request.getParameter("bytes"))]);
    }
    return function.args(arguments.toArray()).call(Object.class);
  }

  /** Asks a program; with a {@code model} and its {@code endpoint} these are set before. */
  private Object ask(HttpServletRequest request) {
    DspyPrograms dspy = programs.select(PoolName.Literal.of(request.getParameter("pool"))).get();
    if (request.getParameter(MODEL) != null) {
      dspy.configureLm(
          LmConfig.model(request.getParameter(MODEL))
              .apiBase(request.getParameter("endpoint"))
              .apiKey("sk-the-key-of-the-first-model")
              .retries(0)
              .build());
      dspy.createProgram(
          ProgramDefinition.named("qa")
              .input("question", "string")
              .output("answer", "string")
              .build());
    }
    return dspy.execute("qa", Map.of("question", "Why?")).outputs();
  }

  /** What the log of the pool {@code small} was given with this text; waits for it. */
  private String logged(String text) throws IOException {
    try {
      for (String next = ""; next != null; next = warnings.poll(SECONDS, TimeUnit.SECONDS)) {
        if (next.contains(text)) {
          return next;
        }
      }
      throw new IOException("never logged: " + text);
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  /** Keeps warnings. */
  private static final class Listening extends Handler {
    private final LinkedBlockingQueue<String> warnings;

    Listening(LinkedBlockingQueue<String> warnings) {
      this.warnings = warnings;
    }

    @Override
    public void publish(LogRecord entry) {
      if (entry.getLevel().intValue() >= Level.WARNING.intValue()) {
        warnings.add(new SimpleFormatter().formatMessage(entry));
      }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}
