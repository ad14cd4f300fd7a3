// SPDX-License-Identifier: Apache-2.0
package org.serpentry.cli;

import java.io.Console;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import javax.management.JMException;
import javax.management.JMRuntimeException;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;
import javax.rmi.ssl.SslRMIClientSocketFactory;

/**
 * Operates pools from a command line, over the JMX address of any server. Ends with 0, with 1 when
 * {@code status} finds a pool that is not OK, with 2 when what was asked for does not exist, and
 * with 3 when the server cannot be reached or refuses.
 */
public final class JmxClient {

  /** Of WildFly's client, which would tell its versions at each start. */
  private static final Logger LIBRARIES = Logger.getLogger("org");

  private static final String TRUST_STORE = "SERPENTRY_JMX_TRUST_STORE";

  static final List<String> STATUS =
      List.of(
          "pool",
          "Status",
          "Size",
          "WorkersReady",
          "WorkersBusy",
          "CallsWaiting",
          "StatusReason",
          "SuggestedAction");
  static final List<String> WORKERS =
      List.of(
          "pool",
          "worker",
          "State",
          "Health",
          "Pid",
          "AgeSeconds",
          "RequestsServed",
          "RssBytes",
          "CurrentFunction",
          "CurrentCallMillis",
          "LastExit");
  static final List<String> CALLS =
      List.of(
          "pool",
          "slot",
          "pid",
          "request",
          "function",
          "runningMillis",
          "caller",
          "session",
          "traceparent");

  private final Options options;
  private final PrintStream out;

  private JmxClient(Options options, PrintStream out) {
    this.options = options;
    this.out = out;
  }

  /**
   * Runs one command.
   *
   * @param words see {@code serpentry-jmx --help}
   */
  public static void main(String[] words) {
    LIBRARIES.setLevel(Level.WARNING);
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    System.exit(run(List.of(words), System::getenv, out, System.err));
  }

  static int run(
      List<String> words, UnaryOperator<String> environment, PrintStream out, PrintStream err) {
    if (words.contains("--help") || words.contains("-h")) {
      out.print(Options.USAGE);
      return 0;
    }
    Options options;
    try {
      options = Options.parse(words, environment);
    } catch (UsageException e) {
      err.println("serpentry-jmx: " + e.getMessage() + "\n\n" + Options.USAGE);
      return 2;
    }
    try {
      return new JmxClient(options, out).connectAndRun(environment);
    } catch (UsageException e) {
      err.println("serpentry-jmx: " + Table.printable(e.getMessage()));
      return 2;
    } catch (IOException | JMException | JMRuntimeException | SecurityException e) {
      err.println("serpentry-jmx: " + options.url() + ": " + Table.printable(String.valueOf(e)));
      return 3;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 3;
    }
  }

  @SuppressWarnings("BanJNDI") // Whoever runs this names the server that is to be operated.
  private int connectAndRun(UnaryOperator<String> environment)
      throws IOException, JMException, UsageException, InterruptedException {
    Map<String, Object> connection = new HashMap<>();
    if (!options.user().isEmpty()) {
      connection.put(
          JMXConnector.CREDENTIALS, new String[] {options.user(), password(environment)});
    }
    if (environment.apply(TRUST_STORE) != null) { // Then the registry is asked over TLS too.
      connection.put("com.sun.jndi.rmi.factory.socket", new SslRMIClientSocketFactory());
    }
    try (JMXConnector connector =
        JMXConnectorFactory.connect(new JMXServiceURL(options.url()), connection)) {
      PoolTree tree = new PoolTree(connector.getMBeanServerConnection(), options);
      return switch (options.command()) {
        case "status" -> status(tree);
        case "workers" -> workers(tree);
        case "calls" -> calls(tree);
        case "tail" -> new Tail(out, options.json()).follow(connector, tree.pools());
        case "recycle" ->
            options.arguments().get(0).equals("all")
                ? operate(tree, "recycleWorkersOneByOne")
                : operate(tree, "recycleWorker", options.number());
        case "resize" -> operate(tree, "resize", options.number());
        default -> operate(tree, "dumpPythonStacks");
      };
    }
  }

  private String password(UnaryOperator<String> environment) throws IOException, UsageException {
    if (options.passwordFile().isPresent()) {
      try (Stream<String> lines = Files.lines(Path.of(options.passwordFile().get()))) {
        Optional<String> password =
            lines
                .map(line -> line.strip().split("\\s+", 2))
                .filter(words -> words.length == 2 && words[0].equals(options.user()))
                .map(words -> words[1])
                .findFirst();
        return password.orElseThrow(
            () ->
                new UsageException(
                    options.passwordFile().get() + " has no line for " + options.user()));
      }
    }
    String password = environment.apply("SERPENTRY_JMX_PASSWORD");
    if (password == null) {
      password = askedFor();
    }
    if (password == null) {
      throw new UsageException(
          "no password: give --password-file, set SERPENTRY_JMX_PASSWORD, or use a terminal");
    }
    return password;
  }

  /** Null without a terminal: there is no console then, or, from JDK 22 on, one that gives none. */
  @SuppressWarnings("SystemConsoleNull")
  private String askedFor() {
    Console console = System.console();
    char[] typed =
        console == null ? null : console.readPassword("Password of %s: ", options.user());
    return typed == null ? null : String.valueOf(typed);
  }

  private int status(PoolTree tree) throws IOException, JMException, UsageException {
    List<Map<String, Object>> pools = new ArrayList<>();
    for (ObjectName name : tree.pools()) {
      pools.add(tree.read(name));
    }
    print(STATUS, pools);
    return pools.stream().allMatch(pool -> "OK".equals(pool.get("Status"))) ? 0 : 1;
  }

  private int workers(PoolTree tree) throws IOException, JMException, UsageException {
    List<Map<String, Object>> workers = new ArrayList<>();
    for (ObjectName pool : tree.pools()) {
      for (ObjectName worker : tree.workers(pool)) {
        workers.add(tree.read(worker));
      }
    }
    print(WORKERS, workers);
    return 0;
  }

  private int calls(PoolTree tree) throws IOException, JMException, UsageException {
    List<Map<String, Object>> calls = new ArrayList<>();
    for (ObjectName pool : tree.pools()) {
      if (tree.read(pool).get("RunningCalls") instanceof List<?> running) {
        for (Object each : running) {
          Map<String, Object> call = new LinkedHashMap<>();
          call.putAll(PoolTree.place(pool));
          ((Map<?, ?>) each).forEach((key, value) -> call.put(String.valueOf(key), value));
          calls.add(call);
        }
      }
    }
    print(CALLS, calls);
    return 0;
  }

  private void print(List<String> columns, List<Map<String, Object>> rows) {
    if (options.json()) {
      out.println(Json.of(rows));
      return;
    }
    List<String> all = new ArrayList<>(List.of("application"));
    if (rows.stream().anyMatch(row -> row.containsKey("module"))) {
      all.add("module");
    }
    all.addAll(columns);
    out.print(Table.of(all, rows));
  }

  private int operate(PoolTree tree, String operation, Object... arguments)
      throws IOException, JMException, UsageException {
    ObjectName pool = tree.pool();
    Object result = tree.invoke(pool, operation, arguments);
    if (options.json()) {
      Map<String, Object> told = new LinkedHashMap<>();
      told.putAll(PoolTree.place(pool));
      told.put("operation", operation);
      told.put("result", result);
      out.println(Json.of(told));
    } else {
      out.println(result == null ? operation + " done" : Table.printable(result.toString()));
    }
    return 0;
  }
}
