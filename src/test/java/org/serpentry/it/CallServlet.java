// SPDX-License-Identifier: Apache-2.0
package org.serpentry.it;

import jakarta.inject.Inject;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import org.serpentry.api.PythonPool;
import org.serpentry.api.PythonPoolException;

/** Calls {@code faulty:<function>} with one number, for clients outside; a failure is a 500. */
@WebServlet("/call")
public class CallServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;

  @Inject private transient PythonPool pool;

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    response.setContentType("text/plain");
    try {
      Object value =
          pool.function("faulty:" + request.getParameter("function"))
              .args(Double.valueOf(request.getParameter("number")))
              .timeout(Duration.ofSeconds(60))
              .call(Object.class);
      response.getWriter().print(value);
    } catch (PythonPoolException e) {
      response.setStatus(HttpServletResponse.SC_INTERNAL_SERVER_ERROR);
      response.getWriter().print(e);
    }
  }
}
