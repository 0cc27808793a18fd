"""The families of forecasts: what the next minutes bring to each live queue that has a forecast to show."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stream.serve.families import Samples
    from stream.serve.view import View

_FIGURES = {
    "contact_center_queue_forecast_service_level_ratio": "service_level",
    "contact_center_queue_forecast_wait_seconds": "wait_seconds",
    "contact_center_queue_forecast_agents_short": "agents_short",
}


def forecast_families(samples: Samples, view: View, channel: str, queue: str) -> None:
    """Put the samples of one queue; the label `horizon` as windows are called."""
    for horizon, row in (view.forecasts.rows.get((channel, queue)) or {}).items():
        for name, figure in _FIGURES.items():
            samples.put(name, (channel, queue, f"{horizon}m"), row[figure])
