# SPDX-License-Identifier: Apache-2.0
"""`python -m serpentry doctor`."""

from __future__ import annotations

import sys

from serpentry import doctor


def main() -> int:
    """Runs the named command; returns its exit status."""
    if sys.argv[1:2] == ["doctor"]:
        return doctor.main(sys.argv[2:])
    print("usage: python -m serpentry doctor [--help]", file=sys.stderr)
    return 2


if __name__ == "__main__":
    raise SystemExit(main())
