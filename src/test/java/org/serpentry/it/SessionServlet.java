// SPDX-License-Identifier: Apache-2.0
package org.serpentry.it;

import jakarta.inject.Inject;
import jakarta.servlet.ServletException;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.serpentry.api.PoolName;
import org.serpentry.api.PythonPool;
import org.serpentry.api.PythonSession;

/** Counts in the session {@code id} of whoever calls; tells the session's full id and the count. */
@WebServlet("/session")
public class SessionServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;

  @Inject
  @PoolName("narrow")
  private transient PythonPool pool;

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException, ServletException {
    String basic = request.getHeader("Authorization");
    if (basic != null && request.getUserPrincipal() == null) {
      String pair =
          new String(
              Base64.getDecoder().decode(basic.substring("Basic ".length())),
              StandardCharsets.UTF_8);
      int colon = pair.indexOf(':');
      request.login(pair.substring(0, colon), pair.substring(colon + 1));
    }
    PythonSession session = pool.session(request.getParameter("id"));
    int count = session.function("conversing:add").call(int.class);
    response.setContentType("text/plain");
    response.getWriter().print(session.fullId() + " " + count);
  }
}
