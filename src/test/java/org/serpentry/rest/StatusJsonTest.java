// SPDX-License-Identifier: Apache-2.0
package org.serpentry.rest;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.StringReader;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.api.Health;
import org.serpentry.ee.WatchedPools;
import org.serpentry.management.PoolStatus;
import org.serpentry.management.PythonPoolMXBean;
import org.serpentry.management.PythonPoolMXBean.Event;
import org.serpentry.management.PythonPoolMXBean.RunningCall;
import org.serpentry.management.PythonWorkerMXBean;

/** What the status page is sent. */
@Tag("layer-1")
class StatusJsonTest {
  private static final String HOSTILE = "</script><img src=x onerror=alert(1)>\r\n\u001b[2J\u202e";

  @Test
  void hostileTextsStayTextOnOneLine() {
    String json =
        StatusJson.pool("default", bean(HOSTILE), List.of(worker(HOSTILE))).build().toString();

    assertThat(json).doesNotContainPattern("[\\x00-\\x1f\\u2028\\u202e]");
    JsonObject pool = Json.createReader(new StringReader(json)).readObject();
    String escaped = "</script><img src=x onerror=alert(1)>\\r\\n\\u001b[2J\\u202e";
    assertThat(pool.getString("lastError")).isEqualTo(escaped);
    assertThat(pool.getJsonArray("calls").getJsonObject(0).getString("function"))
        .isEqualTo(escaped);
    assertThat(pool.getJsonArray("events").getJsonObject(0).getString("text")).isEqualTo(escaped);
    assertThat(pool.getJsonArray("workers").getJsonObject(0).getString("function"))
        .isEqualTo(escaped);
  }

  @Test
  void longTextsAreCutButNeverWithinACharacter() {
    String snakes = "x" + "🐍".repeat(500);

    JsonObject pool = StatusJson.pool("default", bean(snakes), List.of()).build();

    assertThat(pool.getString("lastError")).hasSize(400).endsWith("🐍…");
  }

  @Test
  void anApplicationThatDoesNotRunIsToldAsSuch() {
    assertThat(StatusJson.of(Optional.empty()))
        .isEqualTo("{\"running\":false,\"application\":\"\",\"pools\":[],\"withoutWorkers\":[]}");
    assertThat(
            StatusJson.of(
                Optional.of(new WatchedPools.Application("shop", List.of(), List.of("ml")))))
        .isEqualTo(
            "{\"running\":true,\"application\":\"shop\",\"pools\":[],\"withoutWorkers\":[\"ml\"]}");
  }

  private static PythonPoolMXBean bean(String text) {
    Map<String, Object> answers =
        Map.of(
            "getStatus", PoolStatus.OK,
            "getRunningCalls", List.of(new RunningCall(text, text, 1, 2, 3, text, 0, text)),
            "getRecentEvents", List.of(new Event("2026-11-21T20:00:00Z", "x", 1, 0, text, 1)));
    return proxy(PythonPoolMXBean.class, answers, text);
  }

  private static PythonWorkerMXBean worker(String text) {
    return proxy(PythonWorkerMXBean.class, Map.of("getHealth", Health.HEALTHY), text);
  }

  private static <T> T proxy(Class<T> type, Map<String, Object> answers, String text) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) ->
                answers.getOrDefault(method.getName(), any(method, text))));
  }

  private static Object any(Method method, String text) {
    Class<?> type = method.getReturnType();
    return type == int.class ? (Object) 7 : type == long.class ? (Object) 7L : text;
  }
}
