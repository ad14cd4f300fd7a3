// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

/**
 * A result, and what gave it. Ask for it where {@code fallback} or {@code adapter} may have others
 * than the pool answer:
 *
 * <pre>{@code
 * Answered<Sentiment> a = score.call(new PythonType<Answered<Sentiment>>() {});
 * if (a.by() == Service.MOCK) { … }
 * }</pre>
 *
 * @param value the result; null when Python returned {@code None}
 * @param by what gave it; for a call whose own fallback answered, what failed last
 * @param <T> the result's type
 */
public record Answered<T>(T value, Service by) {}
