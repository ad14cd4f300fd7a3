// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.serpentry.config.LogLevel;
import org.serpentry.config.NanPolicy;
import org.serpentry.config.PoolConfig;
import org.serpentry.environment.CodeSnapshot;
import org.serpentry.protocol.Protocol;
import org.serpentry.worker.Launcher;
import org.serpentry.worker.Worker;

/** Writes a pool's settings in the words of the control channel. Immutable. */
final class LaunchRequests {

  private static final String MAIN =
      "import sys;sys.path.insert(0,sys.argv[1]);"
          + "from serpentry.launcher import main;raise SystemExit(main())";

  private final PoolContext context;
  private final PoolConfig config;

  LaunchRequests(PoolContext context) {
    this.context = context;
    this.config = context.config();
  }

  /** How to start the run's launcher of this number. */
  Launcher.LaunchPlan launcher(int number) {
    Path run = context.runDirectory();
    Map<String, String> environment = new HashMap<>(context.python().environment());
    environment.putAll(context.run().mark(number));
    return new Launcher.LaunchPlan(
        List.of(
            interpreter(),
            "-I",
            "-B",
            "-X",
            "utf8",
            "-c",
            MAIN,
            context.python().runtime().toString()),
        environment,
        run.resolve("launcher.log"),
        Map.of(
            "protocol",
            Protocol.VERSION,
            "socket",
            run.resolve("s").toString(),
            "token",
            context.token(),
            "words",
            run.resolve("words").toString(),
            "pool",
            config.name(),
            "host",
            ProcessHandle.current().pid()),
        config.startTimeout().toMillis(),
        context.launcherWatch());
  }

  /** That of the start, unless an operator has named another since. */
  private String interpreter() {
    String named = context.config().interpreter();
    return named.equals(config.interpreter()) ? context.python().interpreter().toString() : named;
  }

  /** The members of a {@code template} request. */
  Map<String, Object> template(int generation, CodeSnapshot code, int places) {
    return Map.of(
        "generation",
        generation,
        "method",
        config.startMethod().name().toLowerCase(Locale.ROOT),
        "preload",
        config.preload(),
        "roots",
        code.roots().stream().map(Path::toString).toList(),
        "codeHash",
        code.hash(),
        "settings",
        settings(places));
  }

  private Map<String, Object> settings(int places) {
    Map<String, Object> settings = new HashMap<>();
    settings.put("frameLimit", config.maxFrameSize());
    settings.put("nestingLimit", config.maxNesting());
    settings.put("nan", config.nan() == NanPolicy.ALLOW);
    settings.put("cancelSignal", config.cancelSignal());
    settings.put("dumpSignal", config.dumpSignal());
    settings.put("umask", config.umask());
    settings.put("nice", config.nice());
    settings.put("codec", config.codec().name().toLowerCase(Locale.ROOT));
    settings.put("threads", config.threads());
    settings.put("callsPerWorker", places);
    settings.put("debug", config.services().debugLog());
    config
        .workingDirectory()
        .ifPresent(path -> settings.put("workingDirectory", path.toAbsolutePath().toString()));
    if (!config.life().user().isEmpty()) {
      settings.put("user", config.life().user());
    }
    settings.put("limits", limits(places));
    return settings;
  }

  private Map<String, Object> limits(int places) {
    Map<String, Object> limits = new HashMap<>();
    limits.put("core", 0);
    if (config.maxData() > 0) {
      limits.put("data", config.maxData());
    }
    if (config.maxFiles() > 0) {
      limits.put("files", config.maxFiles());
    }
    if (!config.life().maxCpu().isZero() && places == 1) {
      limits.put("cpu", (config.life().maxCpu().toMillis() + 999) / 1_000);
    }
    return limits;
  }

  private Map<String, String> environment(int slot) {
    LogLevel level = context.config().life().logLevel();
    if (level == LogLevel.INFO) {
      return config.environment(slot);
    }
    Map<String, String> environment = new HashMap<>(config.environment(slot));
    environment.put("SERPENTRY_LOG_LEVEL", Integer.toString(level.number()));
    return environment;
  }

  /** The members of a {@code spawn} request. */
  Map<String, Object> spawn(Worker worker) {
    return Map.of(
        "worker",
        worker.id(),
        "slot",
        worker.slot(),
        "generation",
        worker.generation(),
        "method",
        config.startMethod().name().toLowerCase(Locale.ROOT),
        "word",
        worker.word(),
        "environment",
        environment(worker.slot()));
  }
}
