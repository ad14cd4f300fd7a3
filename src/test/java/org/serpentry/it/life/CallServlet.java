// SPDX-License-Identifier: Apache-2.0
package org.serpentry.it.life;

import jakarta.inject.Inject;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CompletableFuture;
import org.serpentry.api.PythonPool;

/**
 * In the WAR: calls Python once, or leaves calls pending whose ends it writes to a file that
 * outlives the server.
 */
@WebServlet("/call")
public class CallServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;

  @Inject private transient PythonPool python;

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    String pending = request.getParameter("pending");
    if (pending == null) {
      response
          .getWriter()
          .print(python.function("faulty:add").args(2, 3).call(Integer.class).intValue());
      return;
    }
    Path ends = Path.of(request.getParameter("ends"));
    for (int i = 0; i < Integer.parseInt(pending); i++) {
      note(python.function("faulty:sleep").args(600.0).callAsync(), ends);
    }
    response.getWriter().print(pending);
  }

  @SuppressWarnings("FutureReturnValueIgnored") // nothing is derived from it
  private static void note(CompletableFuture<Void> call, Path ends) {
    call.whenComplete(
        (value, failure) -> {
          String end = failure == null ? "value" : failure.getClass().getSimpleName();
          try {
            Files.writeString(
                ends, end + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
          } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        });
  }
}
