// SPDX-License-Identifier: Apache-2.0
package org.serpentry.run;

import java.nio.file.Path;

/** What {@code mvn -Prun} tells its user once the server answers. */
final class Banner {
  private static final String TEXT =
      """

      Serpentry answers on %1$s/serpentry
      Try it from another terminal: a handwritten digit, the model's accuracy, a question.

        %2$s
        %3$s
        %4$s

      The question goes to %5$s.
      %6$s
      JConsole:  jconsole, "Remote Process", "Connect", "Insecure connection" (loopback only)
        address  service:jmx:rmi:///jndi/rmi://127.0.0.1:%7$d/jmxrmi
        user     %8$s, or %9$s who may only read
        password grep %8$s %10$s

      The pool's beans are under "serpentry" on the tab MBeans. Health: %1$s/health/ready
      Status page: %1$s/serpentry/api/status   Metrics: %1$s/serpentry/api/metrics
      The server's log is %11$s
      Ctrl-C ends it.
      """;

  private static final String STAND_IN =
      """
      It takes the place of a language model, since %1$s is not set, and its answers say so.
      For a real one set %1$s, %2$s and %3$s.
      """
          .formatted(LanguageModel.ENDPOINT, LanguageModel.MODEL, LanguageModel.KEY);

  /** A handwritten 4 that the model has not seen: row by row, 0 is paper and 16 is ink. */
  private static final String IMAGE =
      "0,0,2,13,13,0,0,0,0,0,9,16,6,0,0,0,0,0,14,16,2,0,4,0,0,5,16,10,1,13,15,0,"
          + "0,7,16,16,16,16,4,0,0,0,8,15,16,8,0,0,0,0,0,14,10,0,0,0,0,0,1,16,11,0,0,0";

  private Banner() {}

  /**
   * The text for one run.
   *
   * @param httpUrl scheme, host and port, without a slash at the end
   */
  static String text(String httpUrl, int jmxPort, JmxAccess access, LanguageModel model, Path log) {
    return TEXT.formatted(
        httpUrl,
        curl(httpUrl, "digits/predict", "{\"image\":[" + IMAGE + "]}"),
        curl(httpUrl, "digits/accuracy", "{}"),
        curl(httpUrl, "answers/ask", "{\"question\":\"What does a connection pool do?\"}"),
        model,
        model.standIn() ? STAND_IN : "",
        jmxPort,
        JmxAccess.OPERATOR,
        JmxAccess.MONITOR,
        access.passwordFile(),
        log);
  }

  private static String curl(String httpUrl, String function, String arguments) {
    return "curl -sS -H 'Content-Type: application/json' -d '%s' %s/serpentry/api/functions/%s"
        .formatted(arguments, httpUrl, function);
  }
}
