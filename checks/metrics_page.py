"""docs/metrics.md, written from the catalogue of metrics. With `--check`: 1 when the page is not what it says."""

from __future__ import annotations

import sys
from pathlib import Path

from stream.core.metrics import markdown

PAGE = Path(__file__).parents[1] / "docs" / "metrics.md"


def main(arguments: list[str]) -> int:
    """Write, or check."""
    if arguments != ["--check"]:
        PAGE.write_text(markdown())
        return 0
    fresh = PAGE.exists() and PAGE.read_text() == markdown()
    if not fresh:
        print("docs/metrics.md is not what stream/core/metrics.py says: run `make docs-write`")
    return int(not fresh)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
