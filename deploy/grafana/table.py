"""A table of queues as they are now: a row a queue, a column a figure."""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_uppercase
from typing import NamedTuple

from grafana_foundation_sdk.builders import table as builders
from grafana_foundation_sdk.builders.common import TableSortByFieldState
from grafana_foundation_sdk.builders.dashboard import DashboardLink, ThresholdsConfig
from grafana_foundation_sdk.models.dashboard import DataTransformerConfig, DynamicConfigValue, ValueMap
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from deploy.grafana.panels import Query, Said, told

LABELS = {"channel": "Channel", "queue": "Queue"}
"""The rows' labels, and the names of their columns."""


class Column(NamedTuple):
    """A figure by queue: its heading, its query (one series a queue), its unit. `words`, `at`: its colours."""

    name: str
    expr: str
    unit: str
    words: ValueMap | None = None
    at: ThresholdsConfig | None = None


def queues(title: str, said: Said, columns: Sequence[Column], link: DashboardLink, worst: str) -> builders.Panel:
    """The table, greatest first by the column `worst`. `link`: where a queue's name leads to."""
    queries = [Query(column.expr, "") for column in columns]
    panel = told(builders.Panel(), title, "short", said, queries, instant=True, form=PromQueryFormat.TABLE)
    panel = panel.no_value("-")
    values = [f"Value #{letter}" for letter, _ in zip(ascii_uppercase, columns, strict=False)]
    names = {**LABELS, **{value: column.name for value, column in zip(values, columns, strict=True)}}
    panel = panel.with_transformation(DataTransformerConfig(id_val="merge", options={}))
    options = {
        "excludeByName": {"Time": True},
        "indexByName": {name: place for place, name in enumerate(names)},
        "renameByName": names,
    }
    panel = panel.with_transformation(DataTransformerConfig(id_val="organize", options=options))
    for column in columns:
        panel = panel.override_by_name(column.name, _told_of(column))
    links = DynamicConfigValue(id_val="links", value=[link.build()])
    panel = panel.override_by_name(LABELS["queue"], [links])
    return panel.sort_by([TableSortByFieldState().display_name(worst).desc(True)])


def _told_of(column: Column) -> list[DynamicConfigValue]:
    found = [DynamicConfigValue(id_val="unit", value=column.unit)]
    if column.words:
        found.append(DynamicConfigValue(id_val="mappings", value=[column.words]))
    if column.at:
        found.append(DynamicConfigValue(id_val="thresholds", value=column.at.build()))
    if column.words or column.at:
        found.append(
            DynamicConfigValue(id_val="custom.cellOptions", value={"type": "color-background", "mode": "basic"})
        )
    return found
