// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import static javax.management.MBeanOperationInfo.ACTION;
import static javax.management.MBeanOperationInfo.INFO;

import java.util.List;

/**
 * What can be changed while a pool runs: {@code serpentry:…,pool=<pool>,component=Settings}. Each
 * attribute can be written; values are written as in the configuration. Any thread may call.
 */
@Description(
    "Settings that hold at once when they are changed, until the next deployment. Values are written as in the configuration: 4, 30s, 512MiB.")
public interface PoolSettingsMXBean {

  @Description("Every setting with its configured and its current value, and its last change.")
  @Table("key")
  List<SettingRow> getSettings();

  @Description(
      "What to write into the configuration so that the changes survive the next deployment; empty when nothing differs.")
  String getExport();

  @Description("Workers that the pool keeps; the room for overflow stays.")
  String getSize();

  void setSize(String value);

  @Description("Workers that the pool may have under load.")
  String getMaxSize();

  void setMaxSize(String value);

  @Description("Calls that may wait for a worker.")
  String getQueueCapacity();

  void setQueueCapacity(String value);

  @Description("Longest wait of a call for a worker.")
  String getCheckoutTimeout();

  void setCheckoutTimeout(String value);

  @Description("Longest run of a call, of those that begin from now on.")
  String getOperationTimeout();

  void setOperationTimeout(String value);

  @Description("Time since its last call after which a session ends, of those open too.")
  String getSessionTimeout();

  void setSessionTimeout(String value);

  @Description("Idle time after which a worker beyond size is retired; 0: never.")
  String getIdleTimeout();

  void setIdleTimeout(String value);

  @Description("Time between two probes of an idle worker; 0: no probes.")
  String getHealthCheckInterval();

  void setHealthCheckInterval(String value);

  @Description("Calls after which a worker is replaced; 0: no limit.")
  String getMaxRequests();

  void setMaxRequests(String value);

  @Description("Age at which a worker is replaced; 0: no limit.")
  String getMaxAge();

  void setMaxAge(String value);

  @Description("Resident memory at which a worker is replaced, such as 512MiB; 0: no limit.")
  String getMaxRss();

  void setMaxRss(String value);

  @Description("Calls that a worker runs at once; workers are replaced one by one.")
  String getCallsPerWorker();

  void setCallsPerWorker(String value);

  @Description("Run of a call from which on it is told as slow; 0: none is.")
  String getSlowCallThreshold();

  void setSlowCallThreshold(String value);

  @Description("Level of Python's root logger in the workers: debug, info, warning, error.")
  String getLogLevel();

  void setLogLevel(String value);

  @Description(
      "Changes any of the settings that Settings lists. Calls that run keep what they began with. Returns an empty text, or where workers have to be replaced first (calls-per-worker, interpreter) the id of an operation at once; Operations of the pool shows its state.")
  @Impact(ACTION)
  String change(
      @Named("key") @Description("The key, such as checkout-timeout.") String key,
      @Named("value") @Description("The value, written as in the configuration.") String value);

  @Description("Sets one setting back to its configured value.")
  @Impact(ACTION)
  void reset(@Named("key") @Description("The key, such as checkout-timeout.") String key);

  @Description("Sets all settings back to their configured values.")
  @Impact(ACTION)
  void resetAll();

  @Description(
      "What to write into the configuration so that the changes survive the next deployment; empty when nothing differs.")
  @Impact(INFO)
  String exportSettings();

  /**
   * A setting.
   *
   * @param bound what is accepted besides its type, or empty
   * @param changed when it was last changed, ISO-8601 in UTC, or empty
   * @param changedBy who did that, or empty
   * @param configured its value at the start of the pool
   * @param current its value now
   * @param key its key, without the pool's prefix
   * @param meaning what it does
   * @param type how its values are written
   */
  record SettingRow(
      String bound,
      String changed,
      String changedBy,
      String configured,
      String current,
      String key,
      String meaning,
      String type) {}
}
