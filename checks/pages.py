"""The generated pages of docs/, written anew; with `--check`: 1 when one is not what its source says."""

from __future__ import annotations

import sys

from checks import cli_page, events_page, figures_page, metrics_page, settings_page

PAGES = {
    "stream/settings.py": settings_page,
    "stream/core/figures/metrics.py": metrics_page,
    "stream/cli": cli_page,
    "schemas": events_page,
    "the docstrings of stream/core": figures_page,
}
"""Source -> the module that has its page's place and text."""


def main(arguments: list[str]) -> int:
    """Write, or check."""
    stale = 0
    for source, of in PAGES.items():
        if arguments != ["--check"]:
            of.PAGE.write_text(of.page())
        elif not of.PAGE.exists() or of.PAGE.read_text() != of.page():
            print(f"docs/{of.PAGE.name} is not what its source says ({source}): run `make docs-write`")
            stale = 1
    return stale


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
