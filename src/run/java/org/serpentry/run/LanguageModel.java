// SPDX-License-Identifier: Apache-2.0
package org.serpentry.run;

import java.util.Map;

/**
 * The language model that the example answers with: the one that the environment names, or the
 * local stand-in. The variables do not begin with {@code SERPENTRY_}, since the server inherits
 * them and an unknown key of Serpentry's fails the deployment.
 *
 * @param endpoint address of an OpenAI-compatible endpoint
 * @param model the model's name there
 * @param key the endpoint's key; empty when it wants none
 * @param standIn whether it is the stand-in, which knows nothing
 */
record LanguageModel(String endpoint, String model, String key, boolean standIn) {
  static final String ENDPOINT = "LM_ENDPOINT";
  static final String MODEL = "LM_MODEL";
  static final String KEY = "LM_KEY";

  /** Whether the environment names an endpoint. */
  static boolean isNamed(Map<String, String> environment) {
    return !value(environment, ENDPOINT).isEmpty();
  }

  /**
   * The one that the environment names.
   *
   * @throws IllegalArgumentException when the model's name is missing
   */
  static LanguageModel named(Map<String, String> environment) {
    String model = value(environment, MODEL);
    if (model.isEmpty()) {
      throw new IllegalArgumentException(
          "%s is set and %s is not: set it to the name of a model that the endpoint serves"
              .formatted(ENDPOINT, MODEL));
    }
    return new LanguageModel(value(environment, ENDPOINT), model, value(environment, KEY), false);
  }

  /** The stand-in on a port of loopback. */
  static LanguageModel standIn(int port) {
    return new LanguageModel("http://127.0.0.1:" + port + "/v1", StandIn.MODEL, "", true);
  }

  private static String value(Map<String, String> environment, String name) {
    return environment.getOrDefault(name, "").strip();
  }

  /** Without the key. */
  @Override
  public String toString() {
    return standIn
        ? "the local stand-in, which knows nothing (%s)".formatted(endpoint)
        : "%s at %s".formatted(model, endpoint);
  }
}
