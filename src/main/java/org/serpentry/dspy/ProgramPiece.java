// SPDX-License-Identifier: Apache-2.0
package org.serpentry.dspy;

import java.util.Optional;

/**
 * A part of what a program gives while it runs: some text of an output, or at the very end the
 * whole result.
 *
 * @param field the output's name, or {@code reasoning} and the like; empty at the end
 * @param text the next part of its text; empty at the end
 * @param result what came of it, at the end only
 */
public record ProgramPiece(String field, String text, Optional<Execution> result) {}
