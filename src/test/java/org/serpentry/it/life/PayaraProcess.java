// SPDX-License-Identifier: Apache-2.0
package org.serpentry.it.life;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarFile;
import org.serpentry.run.LoopbackPorts;

/** Payara Micro through its API, which alone can deploy and undeploy without ending the JVM. */
final class PayaraProcess extends ServerProcess {

  private final BufferedReader answers;

  private PayaraProcess(Path directory, Process process, int httpPort, BufferedReader answers) {
    super(directory, process, httpPort);
    this.answers = answers;
  }

  static PayaraProcess launch(Path directory) throws IOException {
    return launch(directory, List.of());
  }

  /** With further options of its JVM. */
  static PayaraProcess launch(Path directory, List<String> options) throws IOException {
    Path jar = Path.of(System.getProperty("itest.payara.jar")).toAbsolutePath();
    int port = LoopbackPorts.freePort(0);
    List<String> command = java();
    command.add("-Djava.io.tmpdir=" + temporary(directory));
    command.addAll(opens(jar));
    command.addAll(options);
    Path classes = mainClassAlone(directory);
    command.addAll(List.of("-cp", jar + java.io.File.pathSeparator + classes));
    command.add(PayaraCommands.class.getName());
    command.add(Integer.toString(port));
    command.add(Path.of("deploy/payara-micro/loopback.txt").toAbsolutePath().toString());
    Process process =
        new ProcessBuilder(command).redirectError(directory.resolve("server.log").toFile()).start();
    BufferedReader answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    PayaraProcess server = new PayaraProcess(directory, process, port, answers);
    server.expect("started");
    return server;
  }

  /** Other test classes on the server's class path would hide the application's own. */
  private static Path mainClassAlone(Path directory) throws IOException {
    String name = PayaraCommands.class.getName().replace('.', '/') + ".class";
    Path copy = directory.resolve("classes").resolve(name);
    Files.createDirectories(copy.getParent());
    try (InputStream code = PayaraCommands.class.getResourceAsStream("/" + name)) {
      Files.copy(code, copy);
    }
    return directory.resolve("classes");
  }

  /** What {@code java -jar} would take from the manifest. */
  private static List<String> opens(Path jar) throws IOException {
    List<String> options = new ArrayList<>();
    try (JarFile file = new JarFile(jar.toFile())) {
      var attributes = file.getManifest().getMainAttributes();
      for (String open : attributes.getValue("Add-Opens").split(" ", -1)) {
        options.add("--add-opens=" + open + "=ALL-UNNAMED");
      }
      for (String export : attributes.getValue("Add-Exports").split(" ", -1)) {
        options.add("--add-exports=" + export + "=ALL-UNNAMED");
      }
    }
    return options;
  }

  @Override
  void deploy(Path war) throws Exception {
    order("deploy " + war);
  }

  @Override
  void undeploy(Path war) throws Exception {
    order("undeploy " + war.getFileName().toString().replace(".war", ""));
  }

  private void order(String command) throws IOException {
    OutputStream orders = process().getOutputStream();
    orders.write((command + "\n").getBytes(StandardCharsets.UTF_8));
    orders.flush();
    expect("done");
  }

  private void expect(String answer) throws IOException {
    String line = answers.readLine();
    while (line != null && !line.startsWith(PayaraCommands.MARK)) {
      line = answers.readLine();
    }
    if (line == null || !line.equals(PayaraCommands.MARK + answer)) {
      throw new IOException("the server answered " + line + "; see " + directory());
    }
  }
}
