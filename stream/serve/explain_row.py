"""The row of `/api/v1/kpis` that a figure is in, so that what is explained is the number that everybody sees. Pure."""

from __future__ import annotations

from typing import Any

from stream.core.figures import explained
from stream.core.figures.explained import Figure
from stream.core.figures.row import interaction_row, segment_row
from stream.core.rules import Rules
from stream.serve import kpis
from stream.serve.explain_query import ExplainQuery
from stream.state.snapshot import Snapshot

_OF_FCR = {"resolved_contacts": "resolved", "repeated_contacts": "repeated"}


def row_of(snapshot: Snapshot, rules: Rules, query: ExplainQuery, at_ms: int) -> dict[str, Any]:
    """The row; one of zeros where nothing is counted. Raises NotKept."""
    labels, now = query.labels, query.at_ms is None
    rows = kpis.rows(snapshot, rules, query.window, tuple(labels), at_ms, query.direction, now=now)
    for row in rows:
        if all(row[label] == value for label, value in labels.items()):
            return row
    return segment_row({}, None) | interaction_row({}, None)


def value(row: dict[str, Any], figure: Figure) -> float | None:
    """The figure, or the measure, as the row has it."""
    if not figure.denominator:
        return _measure(row, figure.name, "provisional")
    if figure.name in explained.OF_CUSTOMERS:
        row = row["customers"]
    found: Any = row["fcr"] if figure.name in explained.OF_FCR else row[figure.name]
    if figure.variant is not None:
        found = found[figure.variant]
    if figure.name in explained.OF_FCR and found is not None:
        found = found[explained.OF_FCR[figure.name]]
    return None if found is None else float(found)


def counts(row: dict[str, Any], figure: Figure, overdue: int) -> dict[str, int]:
    """The measures of the figure as the row has them; `overdue` as the reader counts it at the instant."""
    stage = figure.variant if figure.name in explained.OF_FCR else "provisional"
    found = {name: _measure(row, name, stage) for name in figure.terms if name != "overdue"}
    return found | ({"overdue": overdue} if "overdue" in figure.terms else {})


def _measure(row: dict[str, Any], name: str, stage: str | None) -> int:
    outer, dot, inner = name.partition(".")
    found: int | None
    if dot:
        found = row[outer].get(inner)
    elif name in explained.FIRST_CONTACTS or name == "unidentified":
        found = None if row["fcr"][stage] is None else row["fcr"][stage][_OF_FCR.get(name, name)]
    else:
        found = (row["customers"] if name in explained.OF_CUSTOMERS else row)[name]
    return found or 0
