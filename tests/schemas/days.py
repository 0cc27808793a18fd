"""A day's work of each platform, as its examples have it, with what is set for it and the figures that are right."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schemas.sources.conversion import Vendor
from schemas.sources.options import Options
from schemas.sources.vendors import VENDORS
from stream.settings_sources import SourceSettings
from tests.schemas.payloads import files

FOLDER = Path(__file__).parents[1] / "e2e" / "sources"
DAYS = tuple(name for name in VENDORS if (FOLDER / f"{name}.json").exists())


@dataclass(frozen=True)
class Day:
    """A life cycle: payloads, and what `tests/e2e/sources/<vendor>.json` says of them."""

    vendor: Vendor
    payloads: list[bytes]
    wanted: dict[str, Any]

    @property
    def options(self) -> Options:
        """What is set, as the adapter is told."""
        return SourceSettings.model_validate(self.wanted["options"]).options()

    def rows(self, by: str) -> list[dict[str, Any]]:
        """Rows of the figures, without the words on how they came about."""
        return [{key: value for key, value in row.items() if key != "why"} for row in self.wanted.get(by, [])]


def day_of(name: str) -> Day:
    """The life cycle of a vendor."""
    (file,) = (file for file in files(VENDORS[name]) if file.path.name.startswith("life_cycle."))
    return Day(VENDORS[name], file.payloads(), json.loads((FOLDER / f"{name}.json").read_bytes()))
