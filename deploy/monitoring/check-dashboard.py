# SPDX-License-Identifier: Apache-2.0
"""Checks grafana-dashboard.json against the types of a release of Grafana.

pip install 'grafana-foundation-sdk==1769699379!11.6.0' && python check-dashboard.py

Grafana publishes its types of dashboards, panels, their options and Prometheus's queries with each
release. The file is read into them and written again: what is not among them is lost on the way.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard, Panel

FILE = Path(__file__).with_name("grafana-dashboard.json")

# What Grafana's data source for Prometheus reads of an annotation, which the types do not have.
OF_PROMETHEUS = {f"/annotations/list/0/{key}" for key in ("step", "titleFormat", "textFormat")}


def lost(before: object, after: object, path: str = "") -> Iterator[str]:
    """Yields where something that was there before is not, or is another, afterwards."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key, value in before.items():
            if key in after:
                yield from lost(value, after[key], f"{path}/{key}")
            else:
                yield f"{path}/{key}"
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from lost(one, other, f"{path}/{number}")
    elif before != after:
        yield path


def main() -> int:
    """Says what is wrong; returns 1 when something is."""
    register_default_plugins()
    file = json.loads(FILE.read_text(encoding="utf-8"))
    dashboard = Dashboard.from_json(file)
    wrong = [
        f"panel {panel.title!r} is of no type that Grafana has"
        for panel in dashboard.panels or []
        if not isinstance(panel, Panel) or isinstance(panel.options, dict)
    ]
    after = json.loads(JSONEncoder().encode(dashboard))
    wrong += [f"Grafana does not know {path}" for path in lost(file, after) if path not in OF_PROMETHEUS]
    print("\n".join(wrong) or f"all of {FILE.name} is known to Grafana")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
