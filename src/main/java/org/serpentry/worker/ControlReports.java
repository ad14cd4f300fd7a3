// SPDX-License-Identifier: Apache-2.0
package org.serpentry.worker;

import java.util.List;
import java.util.Map;

/** What comes from a launcher, in the order in which it came. Called on the reactor. */
public interface ControlReports {

  /**
   * The launcher is gone; so are its workers and templates.
   *
   * @param reason what happened
   */
  void launcherLost(String reason);

  /**
   * A template can fork workers.
   *
   * @param generation its code generation
   * @param pid its process id
   * @param importMillis how long its imports took
   * @param warnings what may go wrong with it, for the log
   */
  void templateReady(int generation, int pid, long importMillis, List<String> warnings);

  /**
   * A template has ended or could not start.
   *
   * @param generation its code generation
   * @param failure why
   */
  void templateFailed(int generation, TemplateFailure failure);

  /**
   * A worker's process exists.
   *
   * @param worker the worker's number
   * @param pid its process id
   */
  void workerStarted(long worker, int pid);

  /**
   * A worker could not be started.
   *
   * @param worker the worker's number
   * @param reason why
   */
  void spawnFailed(long worker, String reason);

  /**
   * A worker has been reaped.
   *
   * @param worker the worker's number
   * @param exit how it ended
   */
  void workerExited(long worker, ExitReport exit);

  /**
   * A worker printed whole lines.
   *
   * @param worker the worker's number
   * @param stream {@code stdout} or {@code stderr}
   * @param lines the lines
   */
  void workerOutput(long worker, String stream, List<String> lines);

  /**
   * A worker logged records.
   *
   * @param worker the worker's number
   * @param records each with logger, level, message, time and more
   */
  void workerLog(long worker, List<Map<String, Object>> records);

  /**
   * A worker dumped its stacks.
   *
   * @param worker the worker's number
   * @param text the dump
   */
  void workerDump(long worker, String text);

  /**
   * A call told its progress.
   *
   * @param worker the worker's number
   * @param request the call's request id
   * @param value what it told
   */
  void progress(long worker, long request, Object value);

  /**
   * Output was dropped because the host read too slowly.
   *
   * @param worker the worker's number
   * @param lines how many lines
   */
  void outputDropped(long worker, long lines);

  /**
   * The launcher answered a ping.
   *
   * @param nonce the ping's number
   */
  void pong(long nonce);
}
