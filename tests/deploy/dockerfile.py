"""deploy/Dockerfile, read: its stages and instructions."""

from __future__ import annotations

import json
import re
from ctypes.util import find_library
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
PATH = ROOT / "deploy" / "Dockerfile"


class Instruction(NamedTuple):
    """One instruction: its word, and what comes after it in one line."""

    word: str
    rest: str

    @property
    def form(self) -> list[str] | None:
        """The rest as a list, where it is in exec form."""
        start = self.rest.find("[")
        return json.loads(self.rest[start:]) if start >= 0 else None


def instructions(text: str) -> list[Instruction]:
    """All of a file, in order; comments and line breaks left out."""
    lines = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    whole = re.sub(r"\\\n\s*", "", lines).splitlines()
    return [Instruction(*line.split(maxsplit=1)) for line in whole if line.strip()]


def stages(text: str) -> dict[str, list[Instruction]]:
    """Stage -> its instructions after FROM; the last one is ""."""
    found: dict[str, list[Instruction]] = {}
    name = "before"
    for each in instructions(text):
        if each.word == "FROM":
            name = each.rest.partition(" AS ")[2]
        found.setdefault(name, []).append(each)
    return found


def variables(of: list[Instruction]) -> dict[str, str]:
    """What ENV sets."""
    return dict(pair.split("=", 1) for each in of if each.word == "ENV" for pair in each.rest.split())


def allocator() -> dict[str, str]:
    """What the image's programs are told of memory, where the library is this machine's; without one, skips."""
    final = variables(stages(PATH.read_text())[""])
    found = {name: final[name] for name in ("LD_PRELOAD", "PYTHONMALLOC", "MALLOC_CONF")}
    if find_library("jemalloc") is None:
        pytest.skip("libjemalloc2 is not installed")
    return found | {"LD_PRELOAD": Path(found["LD_PRELOAD"]).name}
