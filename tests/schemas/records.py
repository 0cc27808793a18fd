"""The golden records of `schemas/examples/<topic>/{accepted,skipped,rejected}/`, as they would lie in Kafka.

Vendors' own payloads are no such records: `tests.schemas.payloads` has them.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "schemas" / "examples"


@dataclass(frozen=True)
class Example:
    """One record. `name`: the file's, without its ending; of a rejected one it begins with the reason and a dot."""

    topic: str
    folder: str
    name: str
    path: Path
    key: bytes | None
    value: bytes
    timestamp_ms: int
    detail: str

    @property
    def reason(self) -> str:
        return self.name.partition(".")[0]

    def __str__(self) -> str:
        return f"{self.topic}/{self.folder}/{self.name}"


def examples(folder: str = "*") -> Iterator[Example]:
    """All golden records, or those of one folder: accepted, skipped, rejected."""
    for path in sorted(FOLDER.glob(f"*/{folder}/*.json")):
        if path.parts[-3].startswith("sources."):
            continue
        record = json.loads(path.read_text())
        key = record["key"]
        yield Example(
            topic=path.parts[-3],
            folder=path.parts[-2],
            name=path.stem,
            path=path,
            key=None if key is None else key.encode(),
            value=_value(record),
            timestamp_ms=record["timestamp_ms"],
            detail=record.get("detail", ""),
        )


def _value(record: dict[str, Any]) -> bytes:
    if "value_base64" in record:
        return base64.b64decode(record["value_base64"])
    if "value_text" in record:
        return str(record["value_text"]).encode()
    value = json.dumps(record["value"], ensure_ascii=False, separators=(",", ":")).encode()
    return value.ljust(record.get("pad_to_bytes", 0))
