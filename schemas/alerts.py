"""What we tell on-call staff and machines of queues: `queues.alerts`, keyed `channel/queue`, in order, each once.

The `id` of an alert is a hash of the queue, the state and since when, so that nobody tells the same under two. The last
alert of a queue says whether it is at risk or breached; that a queue which is neither opens or closes is not told.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from schemas.envelope import Channel, Envelope, Instant

State = Literal["ok", "at_risk", "breached", "closed"]
Figure = Literal["service_level_live", "response_level"]


class Waiting(Struct, kw_only=True, omit_defaults=True, gc=False):
    """One of those who have waited longest."""

    interaction_id: str
    since: Instant


class Drivers(Struct, kw_only=True, omit_defaults=True, gc=False):
    """Why: what came and how long it took over the window, who is there; beside each what is usual at this time.

    Usual: the median of the same half-hour in the last four weeks, brought to the window's length; absent: not known.
    """

    arrivals: int
    arrivals_usual: float | None = None
    aht_ms: int | None = None
    aht_usual_ms: int | None = None
    agents_staffed: int
    agents_available: int
    longest_waiting: list[Waiting] = []


class AlertData(Struct, kw_only=True, omit_defaults=True, gc=False):
    """`data` of the three alerts. `previous`: the state before, as it was told. `value` = `numerator` / `denominator`.

    `threshold_ms`: a wait up to this is in time; `target`: the share that should be; `minimum_sample`: fewer in the
    denominator are no breach; `window`: what numerator and denominator are summed over, who waits now beside it.
    """

    channel: Channel
    queue: str
    state: State
    previous: State
    since: Instant
    figure: Figure
    value: float | None = None
    numerator: int
    denominator: int
    target: float
    threshold_ms: int
    minimum_sample: int
    window: str
    waiting: int
    waiting_past_threshold: int
    longest_wait_ms: int | None = None
    drivers: Drivers


class AtRisk(Envelope, tag="queue.sla.at_risk"):
    """The level is hardly above its target, or somebody has nearly waited for too long."""

    data: AlertData


class Breached(Envelope, tag="queue.sla.breached"):
    """The level is below its target."""

    data: AlertData


class Recovered(Envelope, tag="queue.sla.recovered"):
    """Neither any more: `state` is `ok`, or `closed`."""

    data: AlertData


class MutedData(Struct, kw_only=True, omit_defaults=True, gc=False):
    """Until when nothing is told of a queue, and who wanted that. `until` = `at`: a mute has been ended."""

    channel: Channel
    queue: str
    by: str
    at: Instant
    until: Instant
    note: str | None = None


class Muted(Envelope, tag="queue.alerts.muted"):
    """Nothing is told of the queue until then; afterwards its state, if it is another than the last one told."""

    data: MutedData


class AcknowledgedData(Struct, kw_only=True, omit_defaults=True, gc=False):
    """Who has taken the matter in hand."""

    channel: Channel
    queue: str
    by: str
    at: Instant
    note: str | None = None


class Acknowledged(Envelope, tag="queue.alerts.acknowledged"):
    """Somebody looks after it: until the queue has recovered, only its recovery is told."""

    data: AcknowledgedData


Alert = AtRisk | Breached | Recovered | Muted | Acknowledged
