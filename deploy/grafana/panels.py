"""Kinds of panels. None is made without a unit, and without saying what it shows and what to do with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from string import ascii_uppercase
from typing import Any, NamedTuple, TypeVar

from grafana_foundation_sdk.builders import bargauge, heatmap, stat, statetimeline, timeseries
from grafana_foundation_sdk.builders import common as common_builders
from grafana_foundation_sdk.builders.dashboard import DashboardLink, FieldColor, ThresholdsConfig
from grafana_foundation_sdk.builders.prometheus import Dataquery
from grafana_foundation_sdk.models import common
from grafana_foundation_sdk.models.dashboard import DataSourceRef, DynamicConfigValue, FieldColorModeId, ValueMap
from grafana_foundation_sdk.models.heatmap import HeatmapColorMode, HeatmapColorScale
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from deploy.grafana.words import TARGET
from stream.core.figures.definition import definition

SOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")
QUEUE = "{{channel}} {{queue}}"
"""Legend of a series of a queue."""
THIS_QUEUE = "/#/queue/${__field.labels.channel}/${__field.labels.queue:percentencode}"
"""Where the wallboard shows the queue of a series."""
NOTHING = "nothing measured"
LETTERS = "(A: answered; A<=: within the threshold; B: abandoned; s: of these, at once.)"
"""The letters of formulas, as in docs/figures.md."""
AnyPanel = TypeVar("AnyPanel", bound=Any)


class Query(NamedTuple):
    """A query and the legend of its series."""

    expr: str
    legend: str = QUEUE


class Said(NamedTuple):
    """What a panel says of itself: `what` it shows, by which formula; what who sees it should do."""

    what: str
    act: str

    def __str__(self) -> str:
        return f"{self.what}\n\n**What to do with it:** {self.act}"


def figure(function: Callable[..., Any], act: str, more: str = "") -> Said:
    """`Said`, with what the figure's own docstring says."""
    of = definition(function)
    formula = of.formula + (f" {LETTERS}" if re.search(r"\bA\b", of.formula) else "") + (more and f" {more}")
    return Said(f"{of.title}: {of.text} Formula: {formula} Leaves out: {of.leaves_out}", act)


def lines(title: str, unit: str, said: Said, *queries: Query, stacked: bool = False) -> timeseries.Panel:
    """Figures over time. A series keeps its colour by its name."""
    panel = told(timeseries.Panel(), title, unit, said, queries)
    panel = panel.line_width(1).fill_opacity(30 if stacked else 6).axis_soft_min(0).span_nulls(False)
    panel = panel.show_points(common.VisibilityMode.NEVER)
    panel = panel.color_scheme(FieldColor().mode(FieldColorModeId.PALETTE_CLASSIC_BY_NAME))
    if stacked:
        panel = panel.stacking(common_builders.StackingConfig().mode(common.StackingMode.NORMAL))
    return panel.legend(_legend()).tooltip(_tooltip())


def dashed(panel: timeseries.Panel, number: int) -> timeseries.Panel:
    """Shows the panel's query of that place (0 the first) as a grey dashed line without a legend: a target."""
    return panel.override_by_query(
        ascii_uppercase[number],
        [
            DynamicConfigValue(id_val="custom.lineStyle", value={"fill": "dash", "dash": [8, 6]}),
            DynamicConfigValue(id_val="custom.fillOpacity", value=0),
            DynamicConfigValue(id_val="color", value={"mode": "fixed", "fixedColor": TARGET}),
            DynamicConfigValue(id_val="custom.hideFrom", value={"legend": True, "tooltip": False, "viz": False}),
        ],
    )


def states(title: str, said: Said, words: ValueMap, *queries: Query) -> statetimeline.Panel:
    """States over time, each with its word in it."""
    panel = told(statetimeline.Panel(), title, "none", said, queries).mappings([words])
    panel = panel.color_scheme(FieldColor().mode(FieldColorModeId.THRESHOLDS))
    panel = panel.show_value(common.VisibilityMode.ALWAYS).merge_values(True).row_height(0.85)
    panel = panel.align_value(common.TimelineValueAlignment.CENTER).line_width(0).fill_opacity(85)
    return panel.legend(_legend()).tooltip(_tooltip())


def number(
    title: str, unit: str, said: Said, *queries: Query, at: ThresholdsConfig | None = None, trend: bool = False
) -> stat.Panel:
    """What is so now, large, one for each series; coloured from the thresholds `at`.

    With its `trend` behind it, it shows the last one known; without, nothing when there is none now.
    """
    panel = told(stat.Panel(), title, unit, said, queries, instant=not trend)
    panel = panel.graph_mode(common.BigValueGraphMode.AREA if trend else common.BigValueGraphMode.NONE)
    panel = panel.reduce_options(common_builders.ReduceDataOptions().calcs(["lastNotNull"]).values(False))
    panel = panel.color_mode(common.BigValueColorMode.VALUE if at else common.BigValueColorMode.NONE)
    return panel.thresholds(at) if at else panel


def bars(title: str, unit: str, said: Said, *queries: Query, at: ThresholdsConfig) -> bargauge.Panel:
    """What is so now, a bar for each series, coloured from the thresholds `at`."""
    panel = told(bargauge.Panel(), title, unit, said, queries, instant=True).thresholds(at)
    panel = panel.color_scheme(FieldColor().mode(FieldColorModeId.THRESHOLDS))
    panel = panel.reduce_options(common_builders.ReduceDataOptions().calcs(["lastNotNull"]).values(False))
    return panel.orientation(common.VizOrientation.HORIZONTAL).display_mode(common.BarGaugeDisplayMode.BASIC)


def spread(title: str, unit: str, said: Said, query: Query) -> heatmap.Panel:
    """A histogram over time. The query's series are its buckets, by `le`."""
    panel = told(heatmap.Panel(), title, "short", said, (query,), form=PromQueryFormat.HEATMAP)
    colours = heatmap.HeatmapColorOptions().mode(HeatmapColorMode.SCHEME).scheme("Viridis").steps(64)
    panel = panel.color(colours.scale(HeatmapColorScale.EXPONENTIAL).exponent(0.5))
    return panel.calculate(False).y_axis(heatmap.YAxisConfig().unit(unit)).show_tooltip().cell_gap(1)


def sized(panel: AnyPanel, width: int, height: int = 8) -> AnyPanel:
    """The panel, so many of 24 columns wide."""
    panel.span(width).height(height)
    return panel


def wallboard(title: str, path: str) -> DashboardLink:
    """A link into the wallboard, of what was clicked."""
    return DashboardLink(title).url("${wallboard}" + path).target_blank(True)


def told(
    panel: AnyPanel, title: str, unit: str, said: Said, queries: Sequence[Query], *,
    instant: bool = False, form: PromQueryFormat = PromQueryFormat.TIME_SERIES,
) -> AnyPanel:  # fmt: skip
    """The panel with what every panel has; a query's place is its letter."""
    panel = panel.title(title).description(str(said)).unit(unit).datasource(SOURCE).no_value(NOTHING)
    for ref, query in zip(ascii_uppercase, queries, strict=False):
        asked = Dataquery().expr(query.expr).legend_format(query.legend).ref_id(ref).datasource(SOURCE).format(form)
        panel = panel.with_target(asked.instant() if instant else asked.range())
    return panel


def _legend() -> common_builders.VizLegendOptions:
    legend = common_builders.VizLegendOptions().show_legend(True)
    return legend.display_mode(common.LegendDisplayMode.LIST).placement(common.LegendPlacement.BOTTOM).calcs([])


def _tooltip() -> common_builders.VizTooltipOptions:
    sort = common.SortOrder.DESCENDING
    return common_builders.VizTooltipOptions().mode(common.TooltipDisplayMode.MULTI).sort(sort)
