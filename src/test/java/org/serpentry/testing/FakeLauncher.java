// SPDX-License-Identifier: Apache-2.0
package org.serpentry.testing;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import org.serpentry.api.PythonType;
import org.serpentry.mock.MockScript;
import org.serpentry.spi.Codec;

/** The launcher's part of the bridge mock: the control channel, read by one thread. */
final class FakeLauncher implements Runnable {

  private static final Logger LOG = System.getLogger(FakeLauncher.class.getName());
  private static final PythonType<Map<String, Object>> OBJECT = new PythonType<>() {};

  private final FakeProcess process;
  private final MockScript script;
  private final Codec codec;
  private final Map<Long, FakeWorker> workers = new ConcurrentHashMap<>();
  private final Map<Long, Template> templates = new HashMap<>();
  private Map<String, Object> bootstrap;
  private MappedByteBuffer words;
  private FakeChannel control;

  /** What workers of a generation are told. */
  record Template(String codeHash, int places, int pid) {}

  FakeLauncher(FakeProcess process, MockScript script, Codec codec) {
    this.process = process;
    this.script = script;
    this.codec = codec;
  }

  @Override
  public void run() {
    try {
      byte[] line = process.firstLine().join().getBytes(java.nio.charset.StandardCharsets.UTF_8);
      bootstrap = codec.decode(line, 0, line.length, OBJECT.type());
      words = map(Path.of(text(bootstrap, "words")));
      control =
          FakeChannel.open(
              Path.of(text(bootstrap, "socket")),
              codec,
              Map.of("role", "launcher", "token", text(bootstrap, "token"), "pid", process.pid()));
      closeWithTheProcess();
      while (true) {
        handle(control.object(control.read()));
      }
    } catch (IOException | CompletionException e) {
      LOG.log(Level.DEBUG, "The bridge mock's control channel has ended", e);
    } catch (RuntimeException | Error e) {
      LOG.log(Level.ERROR, "The bridge mock's launcher has failed", e);
      process.end(70);
    } finally {
      workers.values().forEach(FakeWorker::sever);
      process.end(0);
    }
  }

  private static MappedByteBuffer map(Path file) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return channel.map(FileChannel.MapMode.READ_WRITE, 0, channel.size());
    }
  }

  // Whoever ends the process ends its connections, and so do its workers.
  @SuppressWarnings("FutureReturnValueIgnored") // nothing is derived from it
  private void closeWithTheProcess() {
    process
        .status()
        .thenRun(
            () -> {
              workers.values().forEach(FakeWorker::sever);
              try {
                control.close();
              } catch (IOException e) {
                LOG.log(Level.DEBUG, "The bridge mock's control channel is closed already", e);
              }
            });
  }

  private void handle(Map<String, Object> message) throws IOException {
    switch (text(message, "op")) {
      case "template" -> template(message);
      case "spawn" -> spawn(message);
      case "signal" -> signal(message);
      case "ping" ->
          control.control(
              "pong",
              Map.of(
                  "nonce",
                  message.get("nonce"),
                  "templates",
                  List.of(),
                  "workers",
                  workers.size()));
      case "shutdown" -> {
        workers.values().forEach(worker -> worker.die(0, null));
        process.end(0);
      }
      default -> LOG.log(Level.DEBUG, "The bridge mock does nothing for {0}", message.get("op"));
    }
  }

  @SuppressWarnings("unchecked") // a JSON object has text keys
  private void template(Map<String, Object> message) throws IOException {
    Map<String, Object> settings = (Map<String, Object>) message.get("settings");
    Template template =
        new Template(
            text(message, "codeHash"),
            (int) number(settings, "callsPerWorker"),
            FakeProcess.number());
    templates.put(number(message, "generation"), template);
    control.control(
        "template-ready",
        Map.of(
            "generation",
            message.get("generation"),
            "pid",
            template.pid(),
            "importMillis",
            0,
            "warnings",
            List.of()));
  }

  private void spawn(Map<String, Object> message) throws IOException {
    long number = number(message, "worker");
    Template template = templates.get(number(message, "generation"));
    FakeWords own = new FakeWords(words, (int) number(message, "word"), template.places());
    FakeWorker worker = new FakeWorker(this, number, template, own, new FakeCalls(script, codec));
    workers.put(number, worker);
    control.control("started", Map.of("worker", number, "pid", worker.pid()));
    Thread thread = new Thread(worker, "serpentry-bridge-mock-" + number);
    thread.setDaemon(true);
    thread.start();
  }

  private void signal(Map<String, Object> message) throws IOException {
    FakeWorker worker = workers.get(number(message, "worker"));
    if (worker == null) {
      return;
    }
    switch (text(message, "action")) {
      case "term" -> worker.die(null, 15);
      case "kill" -> worker.die(null, 9);
      case "dump" ->
          control.control(
              "dump", Map.of("worker", worker.number(), "text", "a script has no stacks\n"));
      default -> LOG.log(Level.DEBUG, "The bridge mock ignores {0}", message.get("action"));
    }
  }

  // ---- for its workers

  FakeChannel connect(Map<String, Object> hello) throws IOException {
    Map<String, Object> said = new HashMap<>(hello);
    said.put("token", text(bootstrap, "token"));
    return FakeChannel.open(Path.of(text(bootstrap, "socket")), codec, said);
  }

  Codec codec() {
    return codec;
  }

  /** A worker has ended. */
  void ended(FakeWorker worker, Integer exitCode, Integer signal) {
    workers.remove(worker.number());
    Map<String, Object> report = new HashMap<>();
    report.put("worker", worker.number());
    report.put("pid", worker.pid());
    report.put("exitCode", exitCode);
    report.put("signal", signal);
    report.put("tail", List.of());
    report.put("dump", "");
    report.put("strays", 0);
    try {
      control.control("exited", report);
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "Nobody hears any more that a worker of the bridge mock ended", e);
    }
  }

  private static String text(Map<String, Object> message, String key) {
    return String.valueOf(message.get(key));
  }

  private static long number(Map<String, Object> message, String key) {
    return ((Number) message.get(key)).longValue();
  }
}
