"""The level that a queue is judged by: of answers where somebody waits on the line, else of responses."""

from __future__ import annotations

from deploy.grafana.panels import Query, Said, figure
from deploy.grafana.promql import now
from stream.core.figures import common as figures
from stream.core.figures import service_level as levels
from stream.core.rules import Rules

_ASYNCHRONOUS = "|".join(name for name, channel in Rules().channels.items() if not channel.live)

LIVE = now("contact_center_service_level_live_ratio", only=f'channel!~"{_ASYNCHRONOUS}"')
RESPONSES = now("contact_center_response_level_live_ratio", only=f'channel=~"{_ASYNCHRONOUS}"')
LEVEL = f"({LIVE} or {RESPONSES})"
TARGET = now("contact_center_service_level_target_ratio")
MARGIN = f"{LEVEL} - {TARGET}"
MISSES = f"(1 - {LEVEL}) / (1 - {TARGET})"

TARGETS = Query(TARGET, "target of {{channel}} {{queue}}")


def said(act: str) -> Said:
    """What the level is, of both kinds."""
    of_calls, of_threads = figure(levels.service_level_live, ""), figure(figures.response_level_live, "")
    return Said(f"Phone, video and chat: {of_calls.what}\n\nEmail and social: {of_threads.what}", act)
