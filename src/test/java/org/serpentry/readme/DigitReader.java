// SPDX-License-Identifier: Apache-2.0
package org.serpentry.readme;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;
import org.serpentry.api.PythonPool;
import org.serpentry.api.PythonType;

/** Recognizes handwritten digits. */
@ApplicationScoped
public class DigitReader {
  /** What Python's {@code digits:predict} answers. */
  public record Prediction(int digit, double confidence) {}

  @Inject private PythonPool python;

  /** One image: 64 values from 0 (paper) to 16 (ink). */
  public Prediction read(double[] image) {
    return python.function("digits:predict").arg("image", image).call(Prediction.class);
  }

  /** Many images in one call. */
  public List<Prediction> readAll(List<double[]> images) {
    return python
        .function("digits:predict_batch")
        .arg("images", images)
        .call(new PythonType<List<Prediction>>() {});
  }
}
