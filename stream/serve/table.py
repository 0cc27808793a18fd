"""Rows as CSV (RFC 4180): a header, one line a row, nested keys joined by `_`; what has no value is empty."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

from stream.core.measures import DECLINE_CODES, FLOW_CODES

_SPARSE: dict[str, tuple[str, ...]] = {
    "flowed_out_by": tuple(FLOW_CODES),
    "declined_by": tuple(result for result in DECLINE_CODES if result),
}
"""Keys that hold only what was told, and all that may be: every table has the same columns."""


def flat(row: dict[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """The columns of a row and their values.

    >>> dict(flat({"queue": "a", "fcr": {"provisional": {"ratio": None}, "matured": None}}))
    {'queue': 'a', 'fcr_provisional_ratio': None, 'fcr_matured': None}
    """
    for key, value in row.items():
        if key in _SPARSE:
            yield from ((f"{before}{key}_{each}", value.get(each, 0)) for each in _SPARSE[key])
        elif isinstance(value, dict):
            yield from flat(value, f"{before}{key}_")
        else:
            yield before + key, value


def table(rows: Iterable[dict[str, Any]]) -> str:
    r"""CSV. The columns are those of the first row; no rows, no header.

    >>> table([{"queue": "a,b", "offered": 1, "asa_seconds": None}])
    'queue,offered,asa_seconds\r\n"a,b",1,\r\n'
    """
    text = io.StringIO()
    writer = csv.writer(text)
    for number, row in enumerate(rows):
        columns = dict(flat(row))
        if not number:
            writer.writerow(columns)
        writer.writerow(columns.values())
    return text.getvalue()
