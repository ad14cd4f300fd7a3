// SPDX-License-Identifier: Apache-2.0
package org.serpentry.dspy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Everything from which a worker builds a program. Immutable.
 *
 * <pre>{@code
 * ProgramDefinition.named("qa")
 *     .describedAs("Answer in one sentence.")
 *     .kind(ProgramKind.CHAIN_OF_THOUGHT)
 *     .input("question", "string")
 *     .output("answer", "string")
 *     .output("confidence", "confidence_score")
 *     .build()
 * }</pre>
 */
public final class ProgramDefinition {

  private final Builder parts;
  private final List<ProgramField> inputs;
  private final List<ProgramField> outputs;
  private final List<String> tools;
  private final String version;

  private ProgramDefinition(Builder parts) {
    this.parts = parts;
    this.inputs = List.copyOf(parts.inputs);
    this.outputs = List.copyOf(parts.outputs);
    this.tools = List.copyOf(parts.tools);
    this.version =
        new Fingerprint()
            .add(parts.kind.command())
            .add(parts.signatureName)
            .add(parts.description)
            .add(inputs)
            .add(outputs)
            .addTexts(tools)
            .add(String.valueOf(parts.maxIterations))
            .add(parts.state == null ? "" : parts.state)
            .hex();
  }

  /**
   * Begins a definition.
   *
   * @param id the program's id, unique in its session or among the global programs
   * @return a builder of kind {@link ProgramKind#PREDICT} without fields
   */
  public static Builder named(String id) {
    return new Builder(id);
  }

  /** The program's id; empty or null when it was given none, which no command accepts. */
  public String id() {
    return parts.id;
  }

  /** How it works. */
  public ProgramKind kind() {
    return parts.kind;
  }

  /** The signature's name. */
  public String signatureName() {
    return parts.signatureName;
  }

  /** The instructions to the model; may be empty. */
  public String description() {
    return parts.description;
  }

  /** Its inputs, in their order. */
  public List<ProgramField> inputs() {
    return inputs;
  }

  /** Its outputs, in their order. */
  public List<ProgramField> outputs() {
    return outputs;
  }

  /** The published functions that it may call. */
  public List<String> tools() {
    return tools;
  }

  /** The most turns of a program that takes several, or 0 for DSPy's number. */
  public int maxIterations() {
    return parts.maxIterations;
  }

  /** The state of an optimised program, as a JSON object. */
  public Optional<String> state() {
    return Optional.ofNullable(parts.state);
  }

  /** How long an execution may take, where it is not the pool's {@code operation-timeout}. */
  public Optional<Duration> timeout() {
    return Optional.ofNullable(parts.timeout);
  }

  /** Whether an execution may be repeated when its worker died in the middle. */
  public boolean idempotent() {
    return parts.idempotent;
  }

  /** The same for definitions of which workers build the same program, whatever their ids. */
  String version() {
    return version;
  }

  @Override
  public String toString() {
    return "ProgramDefinition[" + parts.id + ", " + parts.kind.command() + "]";
  }

  /** Collects a definition. For one thread, once. */
  public static final class Builder {
    private final String id;
    private final List<ProgramField> inputs = new ArrayList<>();
    private final List<ProgramField> outputs = new ArrayList<>();
    private final List<String> tools = new ArrayList<>();
    private ProgramKind kind = ProgramKind.PREDICT;
    private String signatureName = "DynamicSignature";
    private String description = "";
    private int maxIterations;
    private String state;
    private Duration timeout;
    private boolean idempotent;

    private Builder(String id) {
      this.id = id;
    }

    /** How it works. */
    public Builder kind(ProgramKind value) {
      this.kind = value;
      return this;
    }

    /** Names the signature; the default is {@code DynamicSignature}. */
    public Builder signature(String name) {
      this.signatureName = name;
      return this;
    }

    /** The instructions to the model. */
    public Builder describedAs(String text) {
      this.description = text;
      return this;
    }

    /** Adds an input; for its type see {@link ProgramField}. */
    public Builder input(String name, String type) {
      return input(name, type, "");
    }

    /** Adds an input with a description. */
    public Builder input(String name, String type, String text) {
      inputs.add(new ProgramField(name, type, text));
      return this;
    }

    /** Adds an output; for its type see {@link ProgramField}. */
    public Builder output(String name, String type) {
      return output(name, type, "");
    }

    /** Adds an output with a description. */
    public Builder output(String name, String type, String text) {
      outputs.add(new ProgramField(name, type, text));
      return this;
    }

    /**
     * Adds tools of a {@link ProgramKind#REACT} program.
     *
     * @param targets {@code module:function} of published functions, with type hints and a
     *     docstring, from which the model learns how to call them
     */
    public Builder tools(String... targets) {
      tools.addAll(List.of(targets));
      return this;
    }

    /**
     * The most turns of a program that takes several.
     *
     * @param turns 1 or more
     */
    public Builder maxIterations(int turns) {
      if (turns < 1) {
        throw new IllegalArgumentException("maxIterations must be 1 or more, not " + turns);
      }
      this.maxIterations = turns;
      return this;
    }

    /**
     * The state of an optimised program.
     *
     * @param json what {@link DspyPrograms#save} gave, or DSPy's {@code save("….json")} wrote;
     *     anything else, a pickle above all, is refused when the program is created
     */
    public Builder state(String json) {
      this.state = json;
      return this;
    }

    /**
     * How long an execution may take.
     *
     * @param value positive; the default is the pool's {@code operation-timeout}
     */
    public Builder timeout(Duration value) {
      if (value.isZero() || value.isNegative()) {
        throw new IllegalArgumentException("A timeout must be positive, not " + value);
      }
      this.timeout = value;
      return this;
    }

    /**
     * Declares that an execution whose worker died in the middle may be repeated, which asks the
     * model again and is paid for again.
     */
    public Builder idempotent() {
      this.idempotent = true;
      return this;
    }

    /** The definition. */
    public ProgramDefinition build() {
      return new ProgramDefinition(this);
    }
  }
}
