"""docs/contract/: a JSON Schema of each type and the AsyncAPI document, written from the types themselves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from schemas.contract import asyncapi, json_schema
from schemas.contract.types import PUBLIC_TYPES
from stream.cli.schema import examples, partitions

FOLDER = Path(__file__).parents[1] / "docs" / "contract"
ASYNCAPI = "asyncapi.json"


def documents() -> dict[str, Any]:
    """Each document by its place in the folder."""
    found: dict[str, Any] = {
        f"{public.direction}/{name}.schema.json": json_schema.document(public) for name, public in PUBLIC_TYPES.items()
    }
    found[ASYNCAPI] = asyncapi.document(examples(), partitions())
    return found


def text(document: Any) -> str:
    """A document as it lies in its file."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def files() -> Iterator[tuple[Path, str]]:
    """Place and text of each."""
    for place, document in documents().items():
        yield FOLDER / place, text(document)


def leftovers() -> list[Path]:
    """Files of types that are no more."""
    known = {path for path, _ in files()}
    return sorted(path for path in FOLDER.glob("*/*.schema.json") if path not in known)
