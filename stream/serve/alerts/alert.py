"""A queue's state as it is told on `queues.alerts`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from schemas.alerts import AlertData, AtRisk, Breached, Recovered
from stream.core.customers.insight_data import moment
from stream.core.sla.known import TYPES, identity
from stream.core.sla.state import STATES

if TYPE_CHECKING:
    from schemas.alerts import Drivers
    from stream.core.sla.known import Known
    from stream.serve.alerts.mirror import Queue
    from stream.serve.alerts.seen import Sight


class Setting(NamedTuple):
    """What all alerts are judged by: the window's name, and fewer than so many make no breach."""

    window: str
    minimum_sample: int


def alert(
    queue: Queue, known: Known, sight: Sight, drivers: Drivers, setting: Setting, now_ms: int
) -> AtRisk | Breached | Recovered:
    """The event. Its `time` is since when the queue is in that state; all figures are of `now`, when it is told."""
    standing, seen = known.standing, sight.seen
    assert standing is not None
    channel, name = queue
    state = STATES[standing.state]
    return TYPES[standing.state](
        id=identity(channel, name, state, standing.since), source="centralino", specversion="1.0",
        time=moment(standing.since),
        data=AlertData(
            channel=channel, queue=name, state=state, previous=STATES[known.told],  # type: ignore[arg-type]
            since=moment(standing.since), figure=seen.figure, value=seen.level,  # type: ignore[arg-type]
            numerator=seen.numerator, denominator=seen.denominator, target=seen.target,
            threshold_ms=sight.own.threshold_ms, minimum_sample=setting.minimum_sample, window=setting.window,
            waiting=sight.waiting, waiting_past_threshold=sight.past_threshold,
            longest_wait_ms=None if sight.oldest_at is None else max(now_ms - sight.oldest_at, 0), drivers=drivers,
        ),
    )  # fmt: skip
