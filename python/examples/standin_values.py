# SPDX-License-Identifier: Apache-2.0
"""Values of the types that DSPy asks for by name, made up by rule like all that the stand-in says."""

_PLAIN = {"bool": True, "float": 0.5, "NoneType": None}


def value_of(kind: str, question: str) -> object:
    """A value of the Python type `kind`, for example `list[int]`."""
    kind = kind.strip()
    base, bracket, inner = kind.partition("[")
    parts = _split(inner.removesuffix("]")) if bracket else []
    if kind in _PLAIN:
        return _PLAIN[kind]
    match base:
        case "int":
            return len(question.split())
        case "list":
            return [value_of(parts[0], question)] if parts else []
        case "dict":
            return {"key": value_of(parts[1], question)} if len(parts) == 2 and "Any" not in parts else {}
        case "Union" | "Optional":
            return value_of(parts[0], question)
        case "Literal":
            return parts[0].strip("'\"")
    return f"[local stand-in, no language model] You asked: {question}"


def _split(text: str) -> list[str]:
    """The parts between the commas that stand in no bracket."""
    parts, depth = [""], 0
    for character in text:
        depth += {"[": 1, "]": -1}.get(character, 0)
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts]
