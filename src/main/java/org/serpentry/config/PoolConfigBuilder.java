// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * Collects the settings of one pool; {@link #build()} checks them all. What is not set has its
 * default. For one thread. The meaning of each setting stands at the accessor of {@link
 * PoolConfig}.
 */
public final class PoolConfigBuilder {

  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,31}");
  private static final int MOST_WORKERS = 10_000;

  private final String name;
  private final Map<Setting<?>, Object> values = new LinkedHashMap<>();
  private final Map<String, String> environment = new TreeMap<>();

  PoolConfigBuilder(String name) {
    this.name = name;
  }

  /** Sets {@link PoolConfig#size()}. */
  public PoolConfigBuilder size(int value) {
    return set(PoolSettings.SIZE, WorkerCount.of(value));
  }

  /** Sets {@link PoolConfig#maxSize()}. */
  public PoolConfigBuilder maxSize(int value) {
    return set(PoolSettings.MAX_SIZE, WorkerCount.of(value));
  }

  /** Sets {@link PoolConfig#start()}. */
  public PoolConfigBuilder start(StartMode value) {
    return set(PoolSettings.START, value);
  }

  /** Sets {@link PoolConfig#startTimeout()}. */
  public PoolConfigBuilder startTimeout(Duration value) {
    return set(PoolSettings.START_TIMEOUT, value);
  }

  /** Sets {@link PoolConfig#startMethod()}. */
  public PoolConfigBuilder startMethod(StartMethod value) {
    return set(PoolSettings.START_METHOD, value);
  }

  /** Sets {@link PoolConfig#idleTimeout()}. */
  public PoolConfigBuilder idleTimeout(Duration value) {
    return set(PoolSettings.IDLE_TIMEOUT, value);
  }

  /** Sets {@link PoolConfig#restartBackoffMin()}. */
  public PoolConfigBuilder restartBackoffMin(Duration value) {
    return set(PoolSettings.RESTART_BACKOFF_MIN, value);
  }

  /** Sets {@link PoolConfig#restartBackoffMax()}. */
  public PoolConfigBuilder restartBackoffMax(Duration value) {
    return set(PoolSettings.RESTART_BACKOFF_MAX, value);
  }

  /** Sets {@link PoolConfig#healthCheckInterval()}. */
  public PoolConfigBuilder healthCheckInterval(Duration value) {
    return set(PoolSettings.HEALTH_CHECK_INTERVAL, value);
  }

  /** Sets {@link PoolConfig#shutdownTimeout()}. */
  public PoolConfigBuilder shutdownTimeout(Duration value) {
    return set(PoolSettings.SHUTDOWN_TIMEOUT, value);
  }

  /** Sets {@link PoolConfig#queueCapacity()}. */
  public PoolConfigBuilder queueCapacity(int value) {
    return set(PoolSettings.QUEUE_CAPACITY, value);
  }

  /** Sets {@link PoolConfig#checkoutTimeout()}. */
  public PoolConfigBuilder checkoutTimeout(Duration value) {
    return set(PoolSettings.CHECKOUT_TIMEOUT, value);
  }

  /** Sets {@link PoolConfig#operationTimeout()}. */
  public PoolConfigBuilder operationTimeout(Duration value) {
    return set(PoolSettings.OPERATION_TIMEOUT, value);
  }

  /** Sets {@link PoolConfig#maxRetries()}. */
  public PoolConfigBuilder maxRetries(int value) {
    return set(PoolSettings.MAX_RETRIES, value);
  }

  /** Sets {@link PoolConfig#retryDelay()}. */
  public PoolConfigBuilder retryDelay(Duration value) {
    return set(PoolSettings.RETRY_DELAY, value);
  }

  /** Sets {@link PoolConfig#faultTolerance()}. */
  public PoolConfigBuilder faultTolerance(FaultToleranceMode value) {
    return set(PoolSettings.FAULT_TOLERANCE, value);
  }

  /** Sets {@link PoolConfig#maxFrameSize()}. */
  public PoolConfigBuilder maxFrameSize(long value) {
    return set(PoolSettings.MAX_FRAME_SIZE, value);
  }

  /** Sets {@link PoolConfig#maxNesting()}. */
  public PoolConfigBuilder maxNesting(int value) {
    return set(PoolSettings.MAX_NESTING, value);
  }

  /** Sets {@link PoolConfig#nan()}. */
  public PoolConfigBuilder nan(NanPolicy value) {
    return set(PoolSettings.NAN, value);
  }

  /** Sets {@link PoolConfig#codec()}. */
  public PoolConfigBuilder codec(CodecChoice value) {
    return set(PoolSettings.CODEC, value);
  }

  /** Sets {@link PoolConfig#preload()}. */
  public PoolConfigBuilder preload(List<String> value) {
    return set(ProcessSettings.PRELOAD, List.copyOf(value));
  }

  /** Sets {@link PoolConfig#codeDirectories()}. */
  public PoolConfigBuilder codeDirectories(List<Path> value) {
    return set(ProcessSettings.CODE_DIRECTORIES, List.copyOf(value));
  }

  /** Sets {@link PoolConfig#interpreter()}. */
  public PoolConfigBuilder interpreter(String value) {
    return set(ProcessSettings.INTERPRETER, value);
  }

  /** Sets {@link PoolConfig#requirements()}. */
  public PoolConfigBuilder requirements(Path value) {
    return set(ProcessSettings.REQUIREMENTS, Optional.of(value));
  }

  /** Sets {@link PoolConfig#wheelhouse()}. */
  public PoolConfigBuilder wheelhouse(Path value) {
    return set(ProcessSettings.WHEELHOUSE, Optional.of(value));
  }

  /** Sets {@link PoolConfig#environmentCache()}. */
  public PoolConfigBuilder environmentCache(Path value) {
    return set(ProcessSettings.ENVIRONMENT_CACHE, Optional.of(value));
  }

  /** Sets {@link PoolConfig#buildEnvironment()}. */
  public PoolConfigBuilder buildEnvironment(boolean value) {
    return set(ProcessSettings.BUILD_ENVIRONMENT, value);
  }

  /** Sets {@link PoolConfig#environmentPass()}. */
  public PoolConfigBuilder environmentPass(List<String> value) {
    return set(ProcessSettings.ENVIRONMENT_PASS, List.copyOf(value));
  }

  /** Sets {@link PoolConfig#workingDirectory()}. */
  public PoolConfigBuilder workingDirectory(Path value) {
    return set(ProcessSettings.WORKING_DIRECTORY, Optional.of(value));
  }

  /** Sets {@link PoolConfig#umask()}. */
  public PoolConfigBuilder umask(int value) {
    return set(ProcessSettings.UMASK, value);
  }

  /** Sets {@link PoolConfig#nice()}. */
  public PoolConfigBuilder nice(int value) {
    return set(ProcessSettings.NICE, value);
  }

  /** Sets {@link PoolConfig#threads()}. */
  public PoolConfigBuilder threads(int value) {
    return set(ProcessSettings.THREADS, value);
  }

  /** Sets {@link PoolConfig#maxData()}. */
  public PoolConfigBuilder maxData(long value) {
    return set(ProcessSettings.MAX_DATA, value);
  }

  /** Sets {@link PoolConfig#maxFiles()}. */
  public PoolConfigBuilder maxFiles(int value) {
    return set(ProcessSettings.MAX_FILES, value);
  }

  /** Sets {@link PoolConfig#outputRate()}. */
  public PoolConfigBuilder outputRate(int value) {
    return set(ProcessSettings.OUTPUT_RATE, value);
  }

  /** Sets {@link PoolConfig#cancelSignal()}. */
  public PoolConfigBuilder cancelSignal(String value) {
    return set(ProcessSettings.CANCEL_SIGNAL, value);
  }

  /** Sets {@link PoolConfig#dumpSignal()}. */
  public PoolConfigBuilder dumpSignal(String value) {
    return set(ProcessSettings.DUMP_SIGNAL, value);
  }

  /** Sets {@link PoolConfig#cancelGrace()}. */
  public PoolConfigBuilder cancelGrace(Duration value) {
    return set(ProcessSettings.CANCEL_GRACE, value);
  }

  /** Sets {@link PoolConfig#dumpGrace()}. */
  public PoolConfigBuilder dumpGrace(Duration value) {
    return set(ProcessSettings.DUMP_GRACE, value);
  }

  /** Sets {@link PoolConfig#termGrace()}. */
  public PoolConfigBuilder termGrace(Duration value) {
    return set(ProcessSettings.TERM_GRACE, value);
  }

  /** Sets {@link PoolConfig#attachments()}, one setting or several. */
  public PoolConfigBuilder attachments(Consumer<AttachmentConfigBuilder> settings) {
    settings.accept(new AttachmentConfigBuilder(this));
    return this;
  }

  /** Sets {@link PoolConfig#life()}, one setting or several. */
  public PoolConfigBuilder life(Consumer<LifeConfigBuilder> settings) {
    settings.accept(new LifeConfigBuilder(this));
    return this;
  }

  /** Sets {@link PoolConfig#resilience()}, one setting or several. */
  public PoolConfigBuilder resilience(Consumer<ResilienceConfigBuilder> settings) {
    settings.accept(new ResilienceConfigBuilder(this));
    return this;
  }

  /** Sets {@link PoolConfig#services()}, one setting or several. */
  public PoolConfigBuilder services(Consumer<ServiceConfigBuilder> settings) {
    settings.accept(new ServiceConfigBuilder(this));
    return this;
  }

  /** Sets {@link PoolConfig#sessions()}, one setting or several. */
  public PoolConfigBuilder sessions(Consumer<SessionConfigBuilder> settings) {
    settings.accept(new SessionConfigBuilder(this));
    return this;
  }

  /** Sets {@link PoolConfig#model()}, one setting or several. */
  public PoolConfigBuilder model(Consumer<ModelConfigBuilder> settings) {
    settings.accept(new ModelConfigBuilder(this));
    return this;
  }

  /** Sets {@link PoolConfig#streams()}, one setting or several. */
  public PoolConfigBuilder streams(Consumer<StreamConfigBuilder> settings) {
    settings.accept(new StreamConfigBuilder(this));
    return this;
  }

  /** Adds one variable to {@link PoolConfig#environment()}; {@code {slot}} is the slot's number. */
  public PoolConfigBuilder environment(String variable, String value) {
    environment.put(variable, value);
    return this;
  }

  /**
   * Checks everything.
   *
   * @throws ConfigException naming all that is wrong
   */
  public PoolConfig build() {
    List<String> problems = new ArrayList<>();
    PoolConfig config = build("pool " + name + ": ", problems);
    if (!problems.isEmpty()) {
      throw new ConfigException(problems);
    }
    return config;
  }

  /** The same, with the problems added to a list; {@code prefix} comes before the keys in them. */
  PoolConfig build(String prefix, List<String> problems) {
    if (!NAME.matcher(name).matches()) {
      problems.add(
          "pool name "
              + name
              + " is refused; accepted: at most 32 lower-case letters, digits and dashes, a letter"
              + " first");
    }
    values.keySet().forEach(setting -> setting.checkIn(values, prefix, problems));
    int cores = Runtime.getRuntime().availableProcessors();
    WorkerCount sizeCount = PoolSettings.SIZE.in(values);
    int size = sizeCount.resolve(cores, 0);
    int maxSize = PoolSettings.MAX_SIZE.in(values).resolve(cores, size);
    if (sizeCount.base() == WorkerCount.Base.SIZE || size < 1 || size > MOST_WORKERS) {
      problems.add(prefix + "size=" + sizeCount + " is refused; accepted: 1 to " + MOST_WORKERS);
    } else if (maxSize < size || maxSize > MOST_WORKERS) {
      problems.add(
          prefix
              + "max-size="
              + maxSize
              + " is refused; accepted: size ("
              + size
              + ") to "
              + MOST_WORKERS);
    }
    new CrossChecks(values, environment).check(prefix, problems);
    return new PoolConfig(name, values, size, maxSize, environment);
  }

  <T> PoolConfigBuilder set(Setting<T> setting, T value) {
    values.put(setting, Objects.requireNonNull(value, setting.key()));
    return this;
  }

  /** A value as a user would write it. */
  String text(Setting<?> setting) {
    return setting.textIn(values);
  }

  PoolConfigBuilder restore(Map<Setting<?>, Object> others, Map<String, String> variables) {
    values.putAll(others);
    environment.putAll(variables);
    return this;
  }
}
