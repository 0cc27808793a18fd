"""Rows of the product against rows that are known to be right: integers exactly, ratios to 1e-6, quantiles to 2 %."""

from __future__ import annotations

from typing import Any

import pytest

Row = dict[str, Any]

QUANTILE_ERROR = 0.02


def differences(got: Any, wanted: Any, path: str = "") -> list[str]:
    """Where a value of the product is another one than wanted."""
    if isinstance(wanted, dict) and isinstance(got, dict):
        return [
            line
            for key, value in wanted.items()
            for line in differences(got.get(key, "no such key"), value, f"{path}.{key}")
        ]
    if isinstance(wanted, float) and isinstance(got, float):
        tolerance = QUANTILE_ERROR * wanted if "_quantile_" in path else 1e-6
        return [] if got == pytest.approx(wanted, abs=tolerance) else [f"{path}: {got} != {wanted}"]
    return [] if got == wanted and type(got) is type(wanted) else [f"{path}: {got!r} != {wanted!r}"]


def compare(got: list[Row], wanted: list[Row], where: str) -> list[str]:
    """Differences of two lists of rows. A row may be missing where nothing is in it."""
    by_labels = {(row.get("channel"), row.get("queue")): row for row in got}
    found = [] if len(by_labels) == len(got) else [f"{where}: a row is there twice"]
    for row in wanted:
        labels = (row.get("channel"), row.get("queue"))
        own = by_labels.pop(labels, None)
        if own is not None:
            found += differences(own, row, f"{where} {labels}")
        elif not empty(row):
            found.append(f"{where} {labels}: no such row")
    found += [f"{where} {labels}: a row too many" for labels, row in by_labels.items() if not empty(row)]
    return found


def empty(value: Any) -> bool:
    """Whether a row says nothing but its labels."""
    if isinstance(value, dict):
        return all(empty(each) for key, each in value.items() if key not in {"channel", "queue"})
    return not value
