// SPDX-License-Identifier: Apache-2.0
package org.serpentry.worker;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.serpentry.api.PythonType;
import org.serpentry.protocol.Frame;
import org.serpentry.protocol.FrameKind;
import org.serpentry.protocol.MalformedFrameException;
import org.serpentry.spi.Codec;

/** Turns CONTROL frames into calls of {@link ControlReports}. Used on the reactor. */
final class ControlDecoder {

  private static final PythonType<Map<String, Object>> OBJECT = new PythonType<>() {};

  private final Codec codec;
  private final ControlReports reports;

  ControlDecoder(Codec codec, ControlReports reports) {
    this.codec = codec;
    this.reports = reports;
  }

  void decode(Frame frame) throws MalformedFrameException {
    if (frame.kind() != FrameKind.CONTROL) {
      throw new MalformedFrameException(frame.kind() + " on the control channel");
    }
    Map<String, Object> message =
        codec.decode(frame.payload(), 0, frame.payload().length, OBJECT.type());
    String op = text(message, "op");
    long worker = number(message, "worker");
    switch (op) {
      case "template-ready" ->
          reports.templateReady(
              (int) number(message, "generation"),
              (int) number(message, "pid"),
              number(message, "importMillis"),
              texts(message, "warnings"));
      case "template-failed" ->
          reports.templateFailed((int) number(message, "generation"), failure(message));
      case "started" -> reports.workerStarted(worker, (int) number(message, "pid"));
      case "spawn-failed" -> reports.spawnFailed(worker, text(message, "reason"));
      case "exited" -> reports.workerExited(worker, exit(message));
      case "output" ->
          reports.workerOutput(worker, text(message, "stream"), texts(message, "lines"));
      case "log" -> reports.workerLog(worker, objects(message, "records"));
      case "dump" -> reports.workerDump(worker, text(message, "text"));
      case "progress" -> reports.progress(worker, number(message, "request"), message.get("value"));
      case "dropped" -> reports.outputDropped(worker, number(message, "lines"));
      case "pong" -> reports.pong(number(message, "nonce"));
      default -> throw new MalformedFrameException("unknown report '" + op + "'");
    }
  }

  private static ExitReport exit(Map<String, Object> message) {
    return new ExitReport(
        status(message),
        SignalNames.of(message.get("signal")),
        "",
        texts(message, "tail"),
        text(message, "dump"),
        (int) number(message, "strays"));
  }

  @SuppressWarnings("unchecked") // a JSON object has text keys
  private static TemplateFailure failure(Map<String, Object> message) {
    return new TemplateFailure(
        text(message, "reason"),
        status(message),
        SignalNames.of(message.get("signal")),
        message.get("error") instanceof Map<?, ?> error ? (Map<String, Object>) error : null,
        texts(message, "tail"));
  }

  private static Integer status(Map<String, Object> message) {
    return message.get("exitCode") instanceof Number code ? code.intValue() : null;
  }

  private static String text(Map<String, Object> message, String key) {
    return message.get(key) instanceof String text ? text : "";
  }

  private static long number(Map<String, Object> message, String key) {
    return message.get(key) instanceof Number number ? number.longValue() : 0;
  }

  private static List<String> texts(Map<String, Object> message, String key) {
    List<String> texts = new ArrayList<>();
    if (message.get(key) instanceof List<?> list) {
      list.forEach(element -> texts.add(String.valueOf(element)));
    }
    return texts;
  }

  @SuppressWarnings("unchecked") // a JSON object has text keys
  private static List<Map<String, Object>> objects(Map<String, Object> message, String key) {
    List<Map<String, Object>> objects = new ArrayList<>();
    if (message.get(key) instanceof List<?> list) {
      for (Object element : list) {
        if (element instanceof Map<?, ?> map) {
          objects.add((Map<String, Object>) map);
        }
      }
    }
    return objects;
  }
}
