// SPDX-License-Identifier: Apache-2.0
package org.serpentry.it.browser;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.util.Base64;
import java.util.Map;

/** One page of a browser. For one thread. */
public final class Page {
  private final DevTools tools;
  private final String session;

  Page(DevTools tools, int width, int height, Map<String, String> headers) {
    this.tools = tools;
    JsonObject target =
        tools.send(null, "Target.createTarget", parameters().add("url", "about:blank").build());
    JsonObject attached =
        tools.send(
            null,
            "Target.attachToTarget",
            parameters().add("targetId", target.get("targetId")).add("flatten", true).build());
    this.session = attached.getString("sessionId");
    send("Page.enable", parameters());
    send("Network.enable", parameters());
    JsonObjectBuilder all = parameters();
    headers.forEach(all::add);
    send("Network.setExtraHTTPHeaders", parameters().add("headers", all));
    send(
        "Emulation.setDeviceMetricsOverride",
        parameters()
            .add("width", width)
            .add("height", height)
            .add("deviceScaleFactor", 1)
            .add("mobile", false));
  }

  /** Has it prefer dark or light. */
  public void scheme(String dark) {
    send(
        "Emulation.setEmulatedMedia",
        parameters()
            .add(
                "features",
                Json.createArrayBuilder()
                    .add(parameters().add("name", "prefers-color-scheme").add("value", dark))));
  }

  /** Has the browser note what a policy forbids, and go to an address. */
  public void open(String address) {
    send(
        "Page.addScriptToEvaluateOnNewDocument",
        parameters()
            .add(
                "source",
                "window.refused = [];"
                    + "document.addEventListener('securitypolicyviolation',"
                    + " e => window.refused.push(e.violatedDirective + ' ' + e.blockedURI));"));
    send("Page.navigate", parameters().add("url", address));
  }

  /**
   * Waits until an expression of JavaScript is true, looking again at each change of the page.
   *
   * @throws AssertionError when it does not become so within 30 s
   */
  public void await(String condition) {
    String script =
        """
        new Promise((done) => {
          const look = () => { try { return Boolean(%s); } catch (e) { return false; } };
          if (look()) return done("yes");
          const watch = new MutationObserver(() => { if (look()) { watch.disconnect(); done("yes"); } });
          watch.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
          setTimeout(() => done("no: " + document.body.innerText), 30000);
        })"""
            .formatted(condition);
    String seen = text(script);
    if (!seen.equals("yes")) {
      throw new AssertionError("not within 30 s: " + condition + "\n" + seen);
    }
  }

  /** The value of an expression of JavaScript, or of its promise, as text. */
  public String text(String expression) {
    JsonObject answer =
        send(
            "Runtime.evaluate",
            parameters()
                .add("expression", expression)
                .add("awaitPromise", true)
                .add("returnByValue", true));
    if (answer.containsKey("exceptionDetails")) {
      throw new AssertionError(expression + ": " + answer.get("exceptionDetails"));
    }
    JsonValue value = answer.getJsonObject("result").get("value");
    return value instanceof JsonString string ? string.getString() : String.valueOf(value);
  }

  /** Presses a key, by the names of the DOM. */
  public void press(String key, int code) {
    for (String type : new String[] {"keyDown", "keyUp"}) {
      send(
          "Input.dispatchKeyEvent",
          parameters()
              .add("type", type)
              .add("key", key)
              .add("code", key)
              .add("windowsVirtualKeyCode", code)
              .add("text", type.equals("keyDown") && key.equals("Enter") ? "\r" : ""));
    }
  }

  /** A picture of what is to be seen, as PNG. */
  public byte[] picture() {
    return Base64.getDecoder()
        .decode(send("Page.captureScreenshot", parameters()).getString("data"));
  }

  private JsonObject send(String method, JsonObjectBuilder parameters) {
    return tools.send(session, method, parameters.build());
  }

  private static JsonObjectBuilder parameters() {
    return Json.createObjectBuilder();
  }
}
