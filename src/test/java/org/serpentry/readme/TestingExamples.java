// SPDX-License-Identifier: Apache-2.0
package org.serpentry.readme;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.serpentry.api.PythonCallException;
import org.serpentry.api.PythonPool;
import org.serpentry.api.PythonType;
import org.serpentry.mock.MockScript;
import org.serpentry.testing.junit.PythonPoolTest;
import org.serpentry.testing.junit.TestLayer;

/** The tests of {@code docs/testing.md}, as a user writes them. */
final class TestingExamples {

  private TestingExamples() {}

  @PythonPoolTest(modules = "src/main/webapp/WEB-INF/python")
  static class ReviewsTest {
    @Test
    void scoresAText(PythonPool python) {
      assertEquals(
          "POSITIVE", python.function("reviews:score").arg("text", "good").call(String.class));
    }
  }

  @PythonPoolTest(layer = TestLayer.MOCK_ADAPTER)
  static class ReportTest {
    @Test
    void asksOnceAndSurvivesAFailure(PythonPool python, MockScript script) {
      script
          .when("reviews:score")
          .with("text", "good")
          .returns(Map.of("label", "POSITIVE", "score", 0.9));
      script.when("reviews:score").with("text", "bad").times(1).raises("ValueError", "out of tea");
      script.latency(Duration.ofMillis(1), Duration.ofMillis(5));

      new Report(python).run();

      script.assertCalled("reviews:score", 2);
      script.assertCalledWith("reviews:score", Map.of("text", "good"));
    }
  }

  @PythonPoolTest(layer = TestLayer.BRIDGE_MOCK)
  static class ChatTest {
    @Test
    void streamsAndBytesPassAsTheyDo(PythonPool python, MockScript script) {
      script.when("chat:reply").answers(call -> List.of("Why", "not", "?"));
      script.when("images:invert").answers(call -> inverted((byte[]) call.argument("image")));

      assertEquals(
          List.of("Why", "not", "?"), python.function("chat:reply").stream(String.class).toList());
      assertEquals(
          -1, python.function("images:invert").arg("image", new byte[1]).call(byte[].class)[0]);
    }
  }

  private static byte[] inverted(byte[] image) {
    byte[] inverted = new byte[image.length];
    for (int i = 0; i < image.length; i++) {
      inverted[i] = (byte) ~image[i];
    }
    return inverted;
  }

  /** What {@link ReportTest} tests. */
  record Report(PythonPool python) {
    void run() {
      for (String text : List.of("good", "bad")) {
        try {
          python
              .function("reviews:score")
              .arg("text", text)
              .call(new PythonType<Map<String, Object>>() {});
        } catch (PythonCallException e) {
          assertEquals("out of tea", e.pythonMessage());
        }
      }
    }
  }
}
