// SPDX-License-Identifier: Apache-2.0
package org.serpentry.dspy;

import java.time.Duration;
import java.util.AbstractMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * A language model, its key and its parameters. Immutable. The key goes to the workers' memory and
 * nowhere else: no text made of this object holds it.
 *
 * <pre>{@code
 * LmConfig.model("openai/gpt-4o-mini").apiKey(key).temperature(0.2).build()
 * LmConfig.model("openai/llama").apiBase("http://127.0.0.1:8000/v1").build()
 * }</pre>
 */
public final class LmConfig {

  private final Map<String, Object> values;

  private LmConfig(Map<String, Object> values) {
    this.values = new Masked(values);
  }

  /**
   * Begins the settings of a model.
   *
   * @param name {@code provider/model} as DSPy names it; a name without a provider that begins with
   *     {@code gemini} is Google's
   * @return a builder with a temperature of 0.7 where the model takes one
   */
  public static Builder model(String name) {
    return new Builder(name);
  }

  /** The model's name as it was given. */
  public String modelName() {
    return String.valueOf(values.get("model"));
  }

  /** The address of the endpoint; empty for the provider's own. */
  String endpoint() {
    return String.valueOf(values.getOrDefault("api_base", ""));
  }

  /** Whether it has a key of its own. */
  boolean hasKey() {
    return values.containsKey("api_key");
  }

  /** The key, to be compared and never to be shown; empty for none. */
  String key() {
    return String.valueOf(values.getOrDefault("api_key", ""));
  }

  /** A setting as {@code configure_lm} names it; null when it has none. */
  Object setting(String name) {
    return values.get(name);
  }

  /** The same with another model, endpoint or key; null: as it is. */
  LmConfig with(String model, String endpoint, String key) {
    Builder builder = new Builder(modelName());
    values.forEach(builder::put);
    return builder.put("model", model).put("api_base", endpoint).put("api_key", key).build();
  }

  /** The arguments of {@code configure_lm}, the key among them. */
  Map<String, Object> wire() {
    return values;
  }

  /** The same for a scope of models that replace each other. */
  Map<String, Object> wire(String scope) {
    Map<String, Object> more = new LinkedHashMap<>(values);
    more.put("scope", scope);
    return new Masked(more);
  }

  @Override
  public String toString() {
    return "LmConfig[" + modelName() + "]";
  }

  /** A map that no log prints: requests hold it, and a key is in it. */
  private static final class Masked extends AbstractMap<String, Object> {
    private final Map<String, Object> values;

    Masked(Map<String, Object> values) {
      this.values = Map.copyOf(values);
    }

    @Override
    public Set<Entry<String, Object>> entrySet() {
      return values.entrySet();
    }

    @Override
    public Object get(Object key) {
      return values.get(key);
    }

    @Override
    public String toString() {
      return "{…}";
    }
  }

  /** Collects the settings. For one thread, once. */
  public static final class Builder {
    private final Map<String, Object> values = new LinkedHashMap<>();

    private Builder(String name) {
      put("model", name);
    }

    /** The provider, where the name does not say it; {@code google} by default. */
    public Builder provider(String name) {
      return put("provider", name);
    }

    /**
     * The key. It may be left out for an endpoint that wants none, and where the workers have it in
     * their environment.
     */
    public Builder apiKey(String key) {
      return put("api_key", key);
    }

    /** The address of the endpoint, where it is not the provider's own. */
    public Builder apiBase(String address) {
      return put("api_base", address);
    }

    /** The sampling temperature. */
    public Builder temperature(double value) {
      return put("temperature", value);
    }

    /** The most tokens of an answer. */
    public Builder maxTokens(int value) {
      return put("max_tokens", value);
    }

    /** How long one request to the endpoint may take; the call's own deadline holds as well. */
    public Builder timeout(Duration value) {
      return put("timeout", value.toMillis() / 1000.0);
    }

    /** How often DSPy tries a request again that failed in passing; 3 by default. */
    public Builder retries(int value) {
      return put("num_retries", value);
    }

    /** Lets each worker remember answers in memory; off by default. Never on disk. */
    public Builder cache(boolean value) {
      return put("cache", value);
    }

    private Builder put(String name, Object value) {
      if (value != null) {
        values.put(name, value);
      }
      return this;
    }

    /** The settings; whether they fit is found by {@link DspyPrograms#configureLm}. */
    public LmConfig build() {
      return new LmConfig(values);
    }
  }
}
