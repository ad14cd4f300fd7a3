// SPDX-License-Identifier: Apache-2.0
package org.serpentry.it;

import jakarta.inject.Inject;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.serpentry.api.PythonPool;

/**
 * In the WAR: has Python log a text at DEBUG and then at WARNING, and answers with the levels at
 * which the server's log got it, 500 and 900 on either server.
 */
@WebServlet("/debug")
public class DebugServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;
  private static final long PATIENCE_SECONDS = 60;
  private static final String WARNING = Integer.toString(Level.WARNING.intValue());

  /** Held here, since a logger that nobody holds loses the level that it was given. */
  private static final Logger LOGGER = Logger.getLogger("python.faulty");

  @Inject private transient PythonPool python;

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    String text = request.getParameter("text");
    Listening handler = new Listening(text);
    LOGGER.addHandler(handler);
    try {
      // In one call: records of one worker come in their order, so that a WARNING ends the answer.
      python.function("faulty:log_levels").args(text, List.of(10, 30)).call();
      response.getWriter().print(String.join(" ", handler.untilWarning()));
    } catch (InterruptedException e) {
      throw new IOException(e);
    } finally {
      LOGGER.removeHandler(handler);
    }
  }

  private static final class Listening extends Handler {
    private final String text;
    private final LinkedBlockingQueue<String> heard = new LinkedBlockingQueue<>();

    Listening(String text) {
      this.text = text;
    }

    List<String> untilWarning() throws IOException, InterruptedException {
      List<String> levels = new ArrayList<>();
      while (levels.isEmpty() || !levels.get(levels.size() - 1).equals(WARNING)) {
        String next = heard.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (next == null) {
          throw new IOException("only this was logged of " + text + ": " + levels);
        }
        levels.add(next);
      }
      return levels;
    }

    @Override
    public void publish(LogRecord entry) {
      if (new SimpleFormatter().formatMessage(entry).contains(text)) {
        heard.add(Integer.toString(entry.getLevel().intValue()));
      }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}
