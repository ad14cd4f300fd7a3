# SPDX-License-Identifier: Apache-2.0
"""Writes the bill of materials of the Python side as CycloneDX 1.6 JSON.

It lists the runtime's own files with their hashes, which travel in the WAR, and what the example
modules need, as ``examples/requirements.lock`` pins it; the latter is installed on the server and lies
in no archive. The runtime itself needs nothing beyond Python. The same sources give the same bytes.

Needs only the standard library.

Usage: python sbom.py OUTPUT
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
SOURCES = HERE / "src"
LOCK = HERE / "examples" / "requirements.lock"
WHERE_IN_THE_WAR = "WEB-INF/classes/META-INF/serpentry/python/"
PIN = re.compile(r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)\s*(?:;\s*(?P<marker>[^\\]+))?")
HASH = re.compile(r"--hash=sha256:(?P<hash>[0-9a-f]{64})")
VERSION = re.compile(r'^__version__ = "(?P<version>[^"]+)"$', re.MULTILINE)
OWN = "serpentry"
EXAMPLES = "serpentry-examples"
ARGUMENTS = 2

Json = dict[str, Any]


@dataclass(slots=True)
class Pin:
    """One version of a distribution, as the lock file pins it."""

    name: str
    version: str
    marker: str
    hashes: list[str] = field(default_factory=list)
    wanted_by: list[str] = field(default_factory=list)

    @property
    def purl(self) -> str:
        return f"pkg:pypi/{self.name.lower().replace('_', '-')}@{self.version}"


def read_lock(text: str) -> list[Pin]:
    """The pins of a lock file, in its order, each with what wants it.

    Raises ValueError naming a line that is neither a pin nor belongs to one.
    """
    pins: list[Pin] = []
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        indented = line.startswith(" ")
        pin = PIN.match(line)
        if pin is not None and not indented:
            marker = (pin["marker"] or "").strip()
            pins.append(Pin(pin["name"], pin["version"], marker))
        elif pins and indented and (digest := HASH.match(stripped)) is not None:
            pins[-1].hashes.append(digest["hash"])
        elif pins and indented and stripped.startswith("#"):
            name = stripped.removeprefix("#").strip().removeprefix("via").strip()
            if name:
                pins[-1].wanted_by.append(name)
        elif stripped and not stripped.startswith("#"):
            raise ValueError(f"line {number} of the lock file is no pin with hashes: {stripped}")
    return pins


def distribution(pin: Pin) -> Json:
    """The component of a pinned distribution."""
    component: Json = {
        "type": "library",
        "bom-ref": pin.purl,
        "name": pin.name,
        "version": pin.version,
        "scope": "optional",
        "purl": pin.purl,
        "externalReferences": [
            {
                "type": "distribution",
                "url": f"https://pypi.org/project/{pin.name}/{pin.version}/",
                "hashes": [{"alg": "SHA-256", "content": each} for each in pin.hashes],
            }
        ],
    }
    if pin.marker:
        component["properties"] = [{"name": "serpentry:marker", "value": pin.marker}]
    return component


def runtime_files(sources: Path) -> list[Json]:
    """The components of the runtime's own files, by their places in the WAR."""
    files = sorted(
        path
        for path in sources.joinpath(OWN).rglob("*")
        if path.is_file() and path.suffix != ".pyc" and "__pycache__" not in path.parts
    )
    components: list[Json] = []
    for path in files:
        name = WHERE_IN_THE_WAR + path.relative_to(sources).as_posix()
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        hashes = [{"alg": "SHA-256", "content": digest}]
        components.append({"type": "file", "bom-ref": name, "name": name, "hashes": hashes})
    return components


def dependencies(pins: list[Pin]) -> list[Json]:
    """Who needs what: the runtime nothing, the examples what their requirements name."""
    needs: dict[str, list[str]] = {OWN: [], EXAMPLES: []}
    by_name: dict[str, list[str]] = {}
    for pin in pins:
        needs[pin.purl] = []
        by_name.setdefault(pin.name, []).append(pin.purl)
    for pin in pins:
        for name in pin.wanted_by:
            wanting = [EXAMPLES] if name.startswith("-r ") else by_name.get(name, [])
            for each in wanting:
                needs[each].append(pin.purl)
    return [{"ref": ref, "dependsOn": sorted(set(on))} for ref, on in needs.items()]


def bill(sources: Path, lock: Path) -> Json:
    """The whole bill. Raises ValueError when the sources tell no version or the lock is no lock."""
    found = VERSION.search(sources.joinpath(OWN, "__init__.py").read_text("utf-8"))
    if found is None:
        raise ValueError(f'{sources / OWN / "__init__.py"} has no line __version__ = "…"')
    pins = read_lock(lock.read_text("utf-8"))
    examples = {"type": "application", "bom-ref": EXAMPLES, "name": EXAMPLES, "scope": "optional"}
    body: Json = {
        "metadata": {
            "component": {
                "type": "library",
                "bom-ref": OWN,
                "name": OWN,
                "version": found["version"],
                "licenses": [{"license": {"id": "Apache-2.0"}}],
            }
        },
        "components": [*runtime_files(sources), examples, *map(distribution, pins)],
        "dependencies": dependencies(pins),
    }
    number = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(body, sort_keys=True))
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{number}",
        "version": 1,
        **body,
    }


def main(arguments: list[str]) -> int:
    """Writes the file that the one argument names."""
    if len(arguments) != ARGUMENTS:
        sys.stderr.write(f"Usage: {arguments[0]} OUTPUT\n")
        return 2
    output = Path(arguments[1])
    output.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(bill(SOURCES, LOCK), indent=2, ensure_ascii=False)
    output.write_text(text + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv))
