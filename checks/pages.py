"""The generated pages of docs/ and Grafana's boards, written anew; with `--check`: 1 when one is not as its source."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from checks import (
    boards_page,
    cli_page,
    contract_page,
    events_page,
    figures_page,
    metrics_page,
    scaling_page,
    settings_page,
    sources_page,
    subscribe_page,
)
from deploy.grafana.boards import boards, file

ROOT = Path(__file__).parents[1]

PAGES = {
    "stream/settings.py": settings_page,
    "stream/core/figures/metrics.py": metrics_page,
    "stream/cli": cli_page,
    "schemas": events_page,
    "schemas/sources/tables": sources_page,
    "the docstrings of stream/core": figures_page,
    "deploy/grafana": boards_page,
    "docs/subscribe": subscribe_page,
    "stream/capacity/measured.json": scaling_page,
}
"""Source -> the module that has its page's place and text."""


def files() -> Iterator[tuple[str, Path, str]]:
    """Source, place and text of each."""
    for source, of in PAGES.items():
        yield source, of.PAGE, of.page()
    for path, text in scaling_page.pictures():
        yield "stream/capacity/measured.json", path, text
    for board in boards():
        yield "deploy/grafana", file(board), board.text()
    for path, text in contract_page.files():
        yield "schemas", path, text


def main(arguments: list[str]) -> int:
    """Write, or check."""
    stale = 0
    for source, path, text in files():
        if arguments != ["--check"]:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            print(f"{path.relative_to(ROOT)} is not what its source says ({source}): run `make docs-write`")
            stale = 1
    return stale


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
