// SPDX-License-Identifier: Apache-2.0
package org.serpentry.it.life;

import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;

/**
 * The main class of a Payara Micro that deploys and undeploys as its standard input says. It runs
 * with Payara's jar alone, so it uses nothing else, and that jar by reflection.
 */
public final class PayaraCommands {

  static final String MARK = "serpentry-life: ";

  private PayaraCommands() {}

  /**
   * Serves until its standard input ends.
   *
   * @param args the HTTP port and the pre-boot command file
   */
  public static void main(String[] args) throws Exception {
    PrintStream answers = System.out;
    System.setOut(System.err);
    Class<?> micro = Class.forName("fish.payara.micro.PayaraMicro");
    Object payara = micro.getMethod("getInstance").invoke(null);
    set(payara, "setHttpPort", int.class, Integer.valueOf(args[0]));
    set(payara, "setNoCluster", boolean.class, true);
    set(payara, "setNoHazelcast", boolean.class, true);
    List<String> settings = Files.readAllLines(Path.of(args[1]));
    Consumer<Object> beforeBoot = runner -> settings.forEach(setting -> run(runner, setting));
    set(payara, "setPreBootHandler", Consumer.class, beforeBoot);
    Object runtime = micro.getMethod("bootStrap").invoke(payara);
    Class<?> api = Class.forName("fish.payara.micro.PayaraMicroRuntime");
    answers.println(MARK + "started");
    BufferedReader orders =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = orders.readLine(); line != null; line = orders.readLine()) {
      String[] words = line.split(" ", 2);
      if (words[0].equals("deploy")) {
        File war = new File(words[1]);
        api.getMethod("deploy", File.class).invoke(runtime, war);
        // Its answer is true whether the application runs or not.
        boolean runs = applications(api, runtime).contains(war.getName().replace(".war", ""));
        answers.println(MARK + (runs ? "done" : "failed"));
      } else {
        api.getMethod("undeploy", String.class).invoke(runtime, words[1]);
        answers.println(MARK + "done");
      }
    }
  }

  private static Collection<?> applications(Class<?> api, Object runtime)
      throws ReflectiveOperationException {
    return (Collection<?>) api.getMethod("getDeployedApplicationNames").invoke(runtime);
  }

  private static void run(Object runner, String command) {
    String[] words = command.split(" ", 2);
    try {
      Class.forName("fish.payara.micro.boot.AdminCommandRunner")
          .getMethod("run", String.class, String[].class)
          .invoke(runner, words[0], new String[] {words[1]});
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot run '" + command + "'", e);
    }
  }

  private static void set(Object target, String name, Class<?> type, Object value)
      throws ReflectiveOperationException {
    for (Method method : target.getClass().getMethods()) {
      if (method.getName().equals(name)
          && method.getParameterCount() == 1
          && method.getParameterTypes()[0] == type) {
        method.invoke(target, value);
        return;
      }
    }
    throw new NoSuchMethodException(name);
  }
}
