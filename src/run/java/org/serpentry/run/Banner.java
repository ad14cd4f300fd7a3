// SPDX-License-Identifier: Apache-2.0
package org.serpentry.run;

import java.nio.file.Path;

/** What {@code mvn -Prun} tells its user once the server answers. */
final class Banner {
  private static final String TEXT =
      """

      Serpentry answers on %1$s
      Try it from another terminal:

        curl -H 'Content-Type: application/json' -d '{"index": 0}' %1$s/serpentry/api/functions/digits/sample
        curl -H 'Content-Type: application/json' -d '{}' %1$s/serpentry/api/functions/digits/accuracy
        curl -H 'Content-Type: application/json' -d '{"question": "Why is the sky blue?"}' %1$s/serpentry/api/functions/answers/reason

      %7$s

      JConsole:  jconsole 127.0.0.1:%2$d   (say yes to "Insecure connection": loopback only)
        address  service:jmx:rmi:///jndi/rmi://127.0.0.1:%2$d/jmxrmi
        user     %3$s, or %4$s who may only read
        password in %5$s

      The server's log is %6$s
      Ctrl-C ends it.
      """;

  private Banner() {}

  /**
   * The text for one run.
   *
   * @param httpUrl scheme, host and port, without a slash at the end
   * @param languageModel a sentence on who answers the questions
   */
  static String text(
      String httpUrl, int jmxPort, Path passwordFile, Path log, String languageModel) {
    return TEXT.formatted(
        httpUrl, jmxPort, JmxAccess.OPERATOR, JmxAccess.MONITOR, passwordFile, log, languageModel);
  }
}
