"""A figure's docstring, read: its title, what it says, and lines of a fixed form. docs/figures.md is made of these.

Title: what it is, in a sentence or a few.

Formula: in the letters of the page, or in words.
Unit: ratio, or seconds.
Leaves out: what is not in it.
Source: whose definition it follows.
Elsewhere: what well-known systems do differently.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from inspect import getdoc
from typing import Any, NamedTuple

LINES = ("Formula", "Unit", "Leaves out", "Source", "Elsewhere")
_LINE = re.compile(rf"^({'|'.join(LINES)}): ", re.MULTILINE)


class Definition(NamedTuple):
    """What a docstring says of a figure; each a text of one line."""

    title: str
    text: str
    formula: str
    unit: str
    leaves_out: str
    source: str
    elsewhere: str

    @property
    def short(self) -> str:
        """All but formula, unit and what others do."""
        return f"{self.title}: {self.text} Leaves out: {self.leaves_out} Source: {self.source}"


def definition(function: Callable[..., Any]) -> Definition:
    """The definition of a figure. Raises ValueError when its docstring lacks a line.

    >>> def speed() -> None:
    ...     '''Speed: how fast.
    ...
    ...     Formula: way / time.
    ...     Unit: m/s.
    ...     Leaves out: nothing.
    ...     Source: Galilei, who
    ...     rolled balls.
    ...     Elsewhere: miles.
    ...     '''
    >>> definition(speed).source, definition(speed).short
    ('Galilei, who rolled balls.', 'Speed: how fast. Leaves out: nothing. Source: Galilei, who rolled balls.')
    """
    head, *rest = _LINE.split((getdoc(function) or "").split(">>>")[0])
    told = {name: " ".join(text.split()) for name, text in zip(rest[::2], rest[1::2], strict=True)}
    title, colon, text = " ".join(head.split()).partition(": ")
    lacks = [name for name in LINES if not told.get(name)] + ([] if colon else ["title"])
    if lacks:
        raise ValueError(f"{function.__name__}: its docstring lacks {', '.join(lacks)}")
    return Definition(title, text, *(told[name] for name in LINES))
