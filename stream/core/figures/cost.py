"""What service costs: agents' work at the hourly rate of its channel, in minor units of the center's currency."""

from __future__ import annotations

from collections.abc import Mapping

from stream.core.figures.service_level import ratio
from stream.core.measures import CODES, Cell

_HOUR_MS = 3_600_000
_EXAMPLE: Cell = {CODES["interactions_started"]: 300, CODES["resolved_contacts"]: 120}


def cost_row(
    cell: Cell, work: Mapping[str, int], rates: Mapping[str, int], *, by_queue: bool
) -> dict[str, float | None]:
    """The keys of a row; for each interaction and issue only where the row is of no queue.

    >>> cost_row({CODES["interactions_started"]: 2}, {"chat": 3_600_000}, {"chat": 3000}, by_queue=False)
    {'service_cost': 3000.0, 'service_cost_per_interaction': 1500.0, 'service_cost_per_resolved': None}
    """
    cost = service_cost(work, rates)
    row = {"service_cost": cost}
    if not by_queue:
        row["service_cost_per_interaction"] = service_cost_per_interaction(cell, cost)
        row["service_cost_per_resolved"] = service_cost_per_resolved(cell, cost)
    return row


def service_cost(work: Mapping[str, int], rates: Mapping[str, int]) -> float | None:
    """Service cost: agents' work on what was handled, at the hourly rate of its channel.

    `work`: channel -> handle time in ms; `rates`: channel -> minor units an hour.

    Formula: sum over channels of handle time x hourly rate (`hourly_rates`, a setting).
    Unit: minor units of `currency`, a setting.
    Leaves out: idle time, telephony, licences. No value where a channel with work has no rate: a part is not the whole.
    Source: ours.
    Elsewhere: fully loaded costs divide all that a center spends by its contacts.

    >>> service_cost({"phone": 5_400_000, "chat": 1_800_000}, {"phone": 3000, "chat": 2000})
    5500.0
    >>> service_cost({"phone": 1}, {"chat": 2000}) is service_cost({}, {}) is None
    True
    """
    if not rates or any(ms and channel not in rates for channel, ms in work.items()):
        return None
    return sum(ms * rates.get(channel, 0) for channel, ms in work.items()) / _HOUR_MS


def service_cost_per_interaction(cell: Cell, cost: float | None) -> float | None:
    """Cost per interaction: what service cost, for each interaction that started.

    Formula: service cost / interactions started.
    Unit: minor units of `currency`.
    Leaves out: what the service cost leaves out. Work of the window may be on interactions from before it.
    Source: ours.
    Elsewhere: cost per contact counts segments or handled contacts.

    >>> service_cost_per_interaction(_EXAMPLE, 240_000)
    800.0
    """
    return None if cost is None else ratio(cost, cell.get(CODES["interactions_started"], 0))


def service_cost_per_resolved(cell: Cell, cost: float | None) -> float | None:
    """Cost per resolved issue: what service cost, for each issue that its first contact resolved.

    Formula: service cost / first contacts resolved.
    Unit: minor units of `currency`.
    Leaves out: what the service cost leaves out; issues of nobody that we know. All work is in it, that on repeats too.
    Source: ours, after SQM: what is not resolved at once is paid for twice.
    Elsewhere: cost per resolution divides by all that was closed.

    >>> service_cost_per_resolved(_EXAMPLE, 240_000)
    2000.0
    """
    return None if cost is None else ratio(cost, cell.get(CODES["resolved_contacts"], 0))
