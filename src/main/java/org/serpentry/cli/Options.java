// SPDX-License-Identifier: Apache-2.0
package org.serpentry.cli;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * What the command line and the environment ask for. The command line counts first.
 *
 * @param url the server's JMX address
 * @param user who connects, empty for nobody in particular
 * @param passwordFile a file of lines with a user and a password
 * @param application the application whose pools are meant, when not all
 * @param module the module of an EAR whose pools are meant, when not all
 * @param pool the pool that is meant, when not all
 * @param json whether the output is JSON
 * @param command what to do
 * @param arguments what the command takes
 */
record Options(
    String url,
    String user,
    Optional<String> passwordFile,
    Optional<String> application,
    Optional<String> module,
    Optional<String> pool,
    boolean json,
    String command,
    List<String> arguments) {

  static final String USAGE =
      """
      serpentry-jmx [options] <command>

      Commands
        status              each pool: how it is, why, what might be done; exit status 1 if one is not OK
        workers             each worker: state, process, age, calls, memory
        calls               the calls that run now, the longest first
        recycle <slot>      replaces the worker of a slot behind a new one
        recycle all         replaces every worker, one after the other
        resize <size>       changes how many workers the pool keeps, until the next deployment
        dump                the Python stacks of all threads of every worker
        tail                notifications as they come, until Ctrl-C

      Options
        --url <url>              JMX address; else SERPENTRY_JMX_URL, else
                                 service:jmx:rmi:///jndi/rmi://127.0.0.1:8686/jmxrmi
                                 (WildFly: service:jmx:remote+http://127.0.0.1:9990, with JBOSS_HOME set;
                                 over TLS: SERPENTRY_JMX_TRUST_STORE names the server's certificate)
        --user <name>            else SERPENTRY_JMX_USER
        --password-file <file>   lines of user and password, as jmxremote.password has them;
                                 else SERPENTRY_JMX_PASSWORD, else the password is asked for
        --application <name>     only this application's pools
        --module <name>          only this module's, of an application that is an EAR
        --pool <name>            only this pool
        --json                   one JSON value (tail: one a line)
      """;

  private static final Map<String, Integer> COMMANDS =
      Map.of(
          "status", 0, "workers", 0, "calls", 0, "recycle", 1, "resize", 1, "dump", 0, "tail", 0);

  /** Reads them; {@code environment} gives a variable's value or null. */
  static Options parse(List<String> words, UnaryOperator<String> environment)
      throws UsageException {
    Deque<String> left = new ArrayDeque<>(words);
    String url = environment.apply("SERPENTRY_JMX_URL");
    String user = environment.apply("SERPENTRY_JMX_USER");
    String passwordFile = null;
    String application = null;
    String module = null;
    String pool = null;
    boolean json = false;
    Deque<String> rest = new ArrayDeque<>();
    while (!left.isEmpty()) {
      String word = left.pop();
      switch (word) {
        case "--url" -> url = value(word, left);
        case "--user" -> user = value(word, left);
        case "--password-file" -> passwordFile = value(word, left);
        case "--application" -> application = value(word, left);
        case "--module" -> module = value(word, left);
        case "--pool" -> pool = value(word, left);
        case "--json" -> json = true;
        default -> {
          if (word.startsWith("-")) {
            throw new UsageException("no option is called " + word);
          }
          rest.add(word);
        }
      }
    }
    if (rest.isEmpty()) {
      throw new UsageException("no command is given");
    }
    String command = rest.pop();
    Integer count = COMMANDS.get(command);
    if (count == null) {
      throw new UsageException("no command is called " + command);
    }
    if (rest.size() != count) {
      throw new UsageException(
          "%s takes %d argument(s), not %d".formatted(command, count, rest.size()));
    }
    return new Options(
        url == null ? "service:jmx:rmi:///jndi/rmi://127.0.0.1:8686/jmxrmi" : url,
        user == null ? "" : user,
        Optional.ofNullable(passwordFile),
        Optional.ofNullable(application),
        Optional.ofNullable(module),
        Optional.ofNullable(pool),
        json,
        command,
        List.copyOf(rest));
  }

  private static String value(String option, Deque<String> left) throws UsageException {
    if (left.isEmpty()) {
      throw new UsageException(option + " takes a value");
    }
    return left.pop();
  }

  /** The only argument as a number of at least 0. */
  int number() throws UsageException {
    try {
      int number = Integer.parseInt(arguments.get(0));
      if (number >= 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Said below, with what is wanted.
    }
    throw new UsageException("%s takes a number, not '%s'".formatted(command, arguments.get(0)));
  }
}
