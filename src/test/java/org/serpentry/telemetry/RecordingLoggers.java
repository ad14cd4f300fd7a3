// SPDX-License-Identifier: Apache-2.0
package org.serpentry.telemetry;

import java.text.MessageFormat;
import java.util.List;
import java.util.ResourceBundle;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** Loggers that keep what they are told, as {@code LEVEL name: text}. */
public final class RecordingLoggers implements Function<String, System.Logger> {

  private final List<String> entries = new CopyOnWriteArrayList<>();
  private final Runnable beforeEach;

  /** With something to do on the writing thread before each entry. */
  public RecordingLoggers(Runnable beforeEach) {
    this.beforeEach = beforeEach;
  }

  /** What has been logged so far. */
  public List<String> entries() {
    return List.copyOf(entries);
  }

  @Override
  public System.Logger apply(String name) {
    return new Recording(name);
  }

  private final class Recording implements System.Logger {
    private final String name;

    Recording(String name) {
      this.name = name;
    }

    @Override
    public String getName() {
      return name;
    }

    @Override
    public boolean isLoggable(Level level) {
      return level != Level.TRACE;
    }

    @Override
    public void log(Level level, ResourceBundle bundle, String text, Throwable thrown) {
      add(level, text + " " + thrown);
    }

    @Override
    public void log(Level level, ResourceBundle bundle, String format, Object... parameters) {
      add(level, parameters == null ? format : MessageFormat.format(format, parameters));
    }

    private void add(Level level, String text) {
      beforeEach.run();
      entries.add(level + " " + name + ": " + text);
    }
  }
}
