"""docs/subscribe.md: its words are written by hand, its code is that of docs/subscribe/, which tests run."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "subscribe.md"

_shown = re.compile(r"(<!-- (subscribe/\S+\.(\w+)), by `make docs-write` -->\n)```.*?^```$", re.DOTALL | re.MULTILINE)


def page() -> str:
    """The page, with each file as it is now. Raises FileNotFoundError for one that is not there."""
    return _shown.sub(_code, PAGE.read_text())


def _code(shown: re.Match[str]) -> str:
    return f"{shown[1]}```{shown[3]}\n{(PAGE.parent / shown[2]).read_text().strip()}\n```"
