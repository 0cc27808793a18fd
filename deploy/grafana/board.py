"""What all boards have in common: where their figures come from, what can be chosen, the way to the others, alerts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import (
    AnnotationQuery,
    DashboardCursorSync,
    DashboardLinkType,
    VariableHide,
    VariableOption,
    VariableRefresh,
    VariableSort,
)

from deploy.grafana.panels import SOURCE
from deploy.grafana.words import BAD

TAG = "centralino"
WALLBOARD = "http://localhost:8000"
"""Where docker-compose.yml shows the wallboard; elsewhere add `var-wallboard=https://…` to a board's address."""
DATASOURCE = "centralino"
"""The uid in provisioning/datasources."""
OF_QUEUES = ('about=~".+"', 'channel=~"$channel"', 'queue=~"$queue"')
"""What the alerts of queues have in common, in deploy/prometheus/rules."""
ALL = VariableOption(selected=True, text=["All"], value=["$__all"])


Rows = Sequence[tuple[str, Sequence[Any]]]
"""Headings, and builders of panels."""


class Board(NamedTuple):
    """A dashboard: its uid, which stays, its title, the question that it answers, and what it is made of."""

    uid: str
    title: str
    question: str
    made: builders.Dashboard

    def text(self) -> str:
        """As JSON, the way Grafana reads it."""
        told = json.loads(json.dumps(self.made.build(), cls=JSONEncoder))
        panels = [panel for each in told["panels"] for panel in (each, *each.get("panels", ()))]
        for number, panel in enumerate(panels, 1):
            panel["id"] = number
            if panel.get("options", {}) is None:
                del panel["options"]
        return json.dumps(told, indent=1, ensure_ascii=False) + "\n"


class Alerts(AnnotationQuery):
    """Prometheus's alerts as marks on the time axis; the datasource reads more keys than the SDK knows."""

    def to_json(self) -> dict[str, object]:
        """With what a mark says."""
        return {
            **super().to_json(), "step": "15s", "titleFormat": "{{alertname}}", "useValueForTime": False,
            "textFormat": "{{severity}} {{channel}} {{queue}}", "tagKeys": "severity,channel,queue",
        }  # fmt: skip


class _Annotation(builders.AnnotationQuery):
    def __init__(self, name: str, expr: str) -> None:
        self._internal = Alerts(name=name, expr=expr, datasource=SOURCE, icon_color=BAD)


def filled(board: builders.Dashboard, rows: Rows) -> builders.Dashboard:
    """With rows of panels, each under its heading."""
    for title, panels in rows:
        board = board.with_row(builders.Row(title))
        for panel in panels:
            board = board.with_panel(panel)
    return board


def frame(uid: str, title: str, question: str, *, hours: int, refresh: str) -> builders.Dashboard:
    """An empty board over the last hours, with what all of them have; its own variables and panels come after."""
    board = builders.Dashboard(title).uid(uid).description(question).tags([TAG]).timezone("browser").readonly()
    board = board.time(f"now-{hours}h", "now").refresh(refresh).tooltip(DashboardCursorSync.CROSSHAIR)
    others = builders.DashboardLink("Boards").type(DashboardLinkType.DASHBOARDS).tags([TAG])
    board = board.link(others.include_vars(True).keep_time(True).as_dropdown(False))
    wall = builders.DashboardLink("Wallboard").type(DashboardLinkType.LINK).icon("external link")
    board = board.link(wall.url("${wallboard}/").target_blank(True).tooltip("What is so now, on one page"))
    chosen = VariableOption(selected=True, text="Centralino", value=DATASOURCE)
    board = board.with_variable(
        builders.DatasourceVariable("datasource").label("Prometheus").type("prometheus").current(chosen)
    )
    wallboard = VariableOption(selected=True, text=WALLBOARD, value=WALLBOARD)
    return board.with_variable(
        builders.TextBoxVariable("wallboard").hide(VariableHide.HIDE_VARIABLE).default_value(WALLBOARD)
        .current(wallboard).options([wallboard])
    )  # fmt: skip


def by_channel(board: builders.Dashboard) -> builders.Dashboard:
    """With a variable of channels."""
    return board.with_variable(
        _choice("channel", "Channel", "label_values(contact_center_interactions_open, channel)").multi(True)
        .include_all(True).all_value(".+").current(ALL)
    )  # fmt: skip


def by_queue(board: builders.Dashboard) -> builders.Dashboard:
    """With variables of channels and of their queues."""
    return by_channel(board).with_variable(
        _choice("queue", "Queue", 'label_values(contact_center_interactions_open{channel=~"$channel"}, queue)')
        .multi(True).include_all(True).all_value(".*").current(ALL)
    )  # fmt: skip


def over(board: builders.Dashboard, name: str, label: str, metric: str, chosen: str) -> builders.Dashboard:
    """With a variable of the windows that a metric has."""
    current = VariableOption(selected=True, text=chosen, value=chosen)
    return board.with_variable(_choice(name, label, f"label_values({metric}, window)").current(current))


def alerts(board: builders.Dashboard, name: str, *matchers: str) -> builders.Dashboard:
    """With marks where alerts fire that match."""
    matched = ", ".join(('alertstate="firing"', *matchers))
    return board.annotation(_Annotation(name, f"ALERTS{{{matched}}}"))


def _choice(name: str, label: str, query: str) -> Any:
    asked = builders.QueryVariable(name).label(label).query(query).datasource(SOURCE)
    return asked.refresh(VariableRefresh.ON_TIME_RANGE_CHANGED).sort(VariableSort.ALPHABETICAL_ASC)
