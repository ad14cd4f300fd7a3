// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import java.util.List;
import java.util.function.Supplier;
import org.serpentry.config.LiveConfig;
import org.serpentry.pool.PoolOperator;

/** The settings of one pool. Any thread may call. */
final class SettingsBean implements PoolSettingsMXBean {

  private final PoolOperator operator;
  private final LiveConfig settings;
  private final SettingNews news;
  private final Followed followed;
  private final Supplier<String> others;
  private final Runnable changed;

  /**
   * A bean.
   *
   * @param followed tells when workers have been replaced for a setting
   * @param others what other parts of the pool add to an export
   * @param changed runs after each change
   */
  SettingsBean(
      PoolOperator operator,
      Announcer announcer,
      Followed followed,
      Supplier<String> others,
      Runnable changed) {
    this.operator = operator;
    this.settings = operator.settings();
    this.news = new SettingNews(settings, announcer);
    this.followed = followed;
    this.others = others;
    this.changed = changed;
  }

  @Override
  public List<SettingRow> getSettings() {
    return settings.values().stream()
        .map(
            value ->
                new SettingRow(
                    value.setting().bound(),
                    value.changed() == null ? "" : value.changed().toString(),
                    value.by(),
                    value.configured(),
                    value.current(),
                    value.setting().key(),
                    value.setting().description(),
                    value.setting().type()))
        .toList();
  }

  @Override
  public String getExport() {
    return settings.export() + others.get();
  }

  @Override
  public String exportSettings() {
    return getExport();
  }

  @Override
  public String change(String key, String value) {
    String who = JmxCaller.name();
    try {
      return news.change(key, who, () -> operator.change(key, value, who))
          .map(
              work -> {
                OperationLog.Entry entry = followed.begin("change-" + key);
                followed.until(entry, work);
                return entry.id();
              })
          .orElse("");
    } catch (RuntimeException e) {
      // The console may not have the class of what was thrown.
      throw new IllegalArgumentException(e.getMessage());
    } finally {
      changed.run();
    }
  }

  @Override
  public void reset(String key) {
    for (LiveConfig.Value value : settings.values()) {
      if (value.setting().key().equals(key)) {
        if (value.differs()) {
          change(key, value.configured());
        }
        return;
      }
    }
    change(key, ""); // Which refuses the key, with the nearest one.
  }

  @Override
  public void resetAll() {
    // In their order: the number of workers before the room for more, whose bound it is.
    settings.values().forEach(value -> reset(value.setting().key()));
  }

  @Override
  public String getSize() {
    return settings.text("size");
  }

  @Override
  public void setSize(String value) {
    change("size", value);
  }

  @Override
  public String getMaxSize() {
    return settings.text("max-size");
  }

  @Override
  public void setMaxSize(String value) {
    change("max-size", value);
  }

  @Override
  public String getQueueCapacity() {
    return settings.text("queue-capacity");
  }

  @Override
  public void setQueueCapacity(String value) {
    change("queue-capacity", value);
  }

  @Override
  public String getCheckoutTimeout() {
    return settings.text("checkout-timeout");
  }

  @Override
  public void setCheckoutTimeout(String value) {
    change("checkout-timeout", value);
  }

  @Override
  public String getOperationTimeout() {
    return settings.text("operation-timeout");
  }

  @Override
  public void setOperationTimeout(String value) {
    change("operation-timeout", value);
  }

  @Override
  public String getSessionTimeout() {
    return settings.text("session-timeout");
  }

  @Override
  public void setSessionTimeout(String value) {
    change("session-timeout", value);
  }

  @Override
  public String getIdleTimeout() {
    return settings.text("idle-timeout");
  }

  @Override
  public void setIdleTimeout(String value) {
    change("idle-timeout", value);
  }

  @Override
  public String getHealthCheckInterval() {
    return settings.text("health-check-interval");
  }

  @Override
  public void setHealthCheckInterval(String value) {
    change("health-check-interval", value);
  }

  @Override
  public String getMaxRequests() {
    return settings.text("max-requests");
  }

  @Override
  public void setMaxRequests(String value) {
    change("max-requests", value);
  }

  @Override
  public String getMaxAge() {
    return settings.text("max-age");
  }

  @Override
  public void setMaxAge(String value) {
    change("max-age", value);
  }

  @Override
  public String getMaxRss() {
    return settings.text("max-rss");
  }

  @Override
  public void setMaxRss(String value) {
    change("max-rss", value);
  }

  @Override
  public String getCallsPerWorker() {
    return settings.text("calls-per-worker");
  }

  @Override
  public void setCallsPerWorker(String value) {
    change("calls-per-worker", value);
  }

  @Override
  public String getSlowCallThreshold() {
    return settings.text("slow-call-threshold");
  }

  @Override
  public void setSlowCallThreshold(String value) {
    change("slow-call-threshold", value);
  }

  @Override
  public String getLogLevel() {
    return settings.text("log-level");
  }

  @Override
  public void setLogLevel(String value) {
    change("log-level", value);
  }
}
