// SPDX-License-Identifier: Apache-2.0
package org.serpentry.it.life;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchService;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.serpentry.run.LoopbackPorts;

/** WildFly on a copy of its standalone directory; applications come and go by its scanner. */
final class WildFlyProcess extends ServerProcess {

  private final Path deployments;

  private WildFlyProcess(Path directory, Process process, int httpPort, Path deployments) {
    super(directory, process, httpPort);
    this.deployments = deployments;
  }

  /** Starts it as the other integration tests have it. */
  static WildFlyProcess launch(Path directory) throws Exception {
    return launch(directory, List.of());
  }

  /** The same, with further options of the server. */
  static WildFlyProcess launch(Path directory, List<String> options) throws Exception {
    return launch(directory, "standalone-serpentry.xml", options);
  }

  /** Starts it with one of its configurations, whose fixed ports are replaced by free ones. */
  static WildFlyProcess launch(Path directory, String configuration, List<String> options)
      throws Exception {
    Path home = Path.of(System.getProperty("itest.wildfly.home")).toAbsolutePath();
    Path base = directory.resolve("standalone");
    copy(home.resolve("standalone/configuration"), base.resolve("configuration"));
    adapt(base.resolve("configuration").resolve(configuration));
    Path deployments = Files.createDirectories(base.resolve("deployments"));
    int port = LoopbackPorts.freePort(0);
    List<String> command = java();
    command.add("-Djava.io.tmpdir=" + temporary(directory));
    for (String open :
        List.of(
            "java.base/java.lang",
            "java.base/java.lang.invoke",
            "java.base/java.io",
            "java.base/java.net",
            "java.base/java.util",
            "java.base/java.util.concurrent",
            "java.base/java.security",
            "java.management/javax.management",
            "java.naming/javax.naming")) {
      command.add("--add-opens=" + open + "=ALL-UNNAMED");
    }
    command.add("--add-exports=jdk.naming.dns/com.sun.jndi.dns=ALL-UNNAMED");
    command.add("-Djboss.server.base.dir=" + base);
    command.add("-Djboss.http.port=" + port);
    for (String name :
        List.of(
            "jboss.https.port",
            "jboss.management.http.port",
            "jboss.management.https.port",
            "itest.iiop.port",
            "itest.txn.port",
            "itest.txn.status.port")) {
      command.add("-D" + name + "=" + LoopbackPorts.freePort(0));
    }
    command.addAll(List.of("-jar", home.resolve("jboss-modules.jar").toString()));
    command.addAll(List.of("-mp", home.resolve("modules").toString()));
    command.addAll(List.of("org.jboss.as.standalone", "-c", configuration));
    command.add("-Djboss.home.dir=" + home);
    command.addAll(options);
    return new WildFlyProcess(directory, start(command, directory), port, deployments);
  }

  private static void adapt(Path configuration) throws IOException {
    String text = Files.readString(configuration);
    for (String fixed : List.of("3528", "4712", "4713")) {
      text = text.replace("port=\"" + fixed + "\"", "port=\"" + LoopbackPorts.freePort(0) + "\"");
    }
    // Its scanner looks every five seconds, for which a hundred redeployments need not wait.
    text = text.replace("scan-interval=\"5000\"", "scan-interval=\"200\"");
    Files.writeString(configuration, text);
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> paths = Files.walk(from)) {
      for (Path path : (Iterable<Path>) paths::iterator) {
        Path target = to.resolve(from.relativize(path).toString());
        if (Files.isDirectory(path)) {
          Files.createDirectories(target);
        } else {
          Files.copy(path, target, StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
  }

  @Override
  void deploy(Path war) throws Exception {
    Path placed = deployments.resolve(war.getFileName());
    Files.copy(war, placed, StandardCopyOption.REPLACE_EXISTING);
    marked(war, ".dodeploy", ".deployed");
  }

  @Override
  void undeploy(Path war) throws Exception {
    try (WatchService watch = watch()) {
      Files.delete(deployments.resolve(war.getFileName() + ".deployed"));
      await(watch, war, ".undeployed");
    }
    Files.delete(deployments.resolve(war.getFileName() + ".undeployed"));
    Files.delete(deployments.resolve(war.getFileName()));
  }

  private void marked(Path war, String order, String answer) throws Exception {
    try (WatchService watch = watch()) {
      Files.writeString(deployments.resolve(war.getFileName() + order), "");
      await(watch, war, answer);
    }
  }

  private WatchService watch() throws IOException {
    WatchService watch = FileSystems.getDefault().newWatchService();
    deployments.register(
        watch, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY);
    return watch;
  }

  private void await(WatchService watch, Path war, String answer) throws Exception {
    long end = System.nanoTime() + PATIENCE.toNanos();
    Path good = deployments.resolve(war.getFileName() + answer);
    Path bad = deployments.resolve(war.getFileName() + ".failed");
    while (!Files.exists(good)) {
      // The scanner makes the file first and writes the reason into it then.
      if (Files.exists(bad) && Files.size(bad) > 0) {
        throw new IOException("the deployment failed: " + Files.readString(bad));
      }
      if (System.nanoTime() > end || !process().isAlive()) {
        throw new IOException("no " + good.getFileName() + "; see " + directory());
      }
      var key = watch.poll(1, TimeUnit.SECONDS);
      if (key != null) {
        key.pollEvents();
        key.reset();
      }
    }
  }
}
