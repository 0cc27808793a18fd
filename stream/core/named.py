"""What a stamp counts, by name: the names of the API's rows. Sketch bins and histogram buckets have none."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from stream.core.measures import CODES, DECLINE_CODES, FLOW_CODES
from stream.core.scope import place

CODE_OF: dict[str, int] = {
    **CODES,
    **{f"flowed_out_by.{outcome}": code for outcome, code in FLOW_CODES.items()},
    **{f"declined_by.{result}": code for result, code in DECLINE_CODES.items() if result},
}
"""By name; a name with a dot is a key of a row within a key."""

NAME_OF: dict[int, str] = {code: name for name, code in CODE_OF.items()}


def pairs(increments: tuple[int, ...]) -> Iterable[tuple[int, int]]:
    """(code, n) of a stamp's increments.

    >>> list(pairs((1, 1, 10, 9000)))
    [(1, 1), (10, 9000)]
    """
    return zip(increments[::2], increments[1::2], strict=True)


def measures(increments: Iterable[tuple[int, int]]) -> dict[str, int]:
    """The named ones of (code, n), in the order of their names' table; what is 0 is left out.

    >>> measures([(10, 9000), (2, 1), (1077, 1), (1, 0)])
    {'answered': 1, 'wait_ms': 9000}
    """
    return {NAME_OF[code]: n for code, n in sorted(increments) if n and code in NAME_OF}


def where(scope: str) -> dict[str, Any]:
    """A scope in words: `of` is queue, channel (interactions, first contacts), agent or agents.

    >>> where("phone|i|qsales")
    {'of': 'queue', 'channel': 'phone', 'direction': 'inbound', 'queue': 'sales'}
    >>> where("chat|o|*"), where("phone|i|-")["queue"] is None
    ({'of': 'channel', 'channel': 'chat', 'direction': 'outbound'}, True)
    """
    at = place(scope)
    of = "channel" if at.whole else "queue"
    if at.agents:
        of = "agents" if at.agent is None else "agent"
    told: dict[str, Any] = {"of": of, "channel": at.channel}
    if at.direction in "io":
        told["direction"] = "inbound" if at.inbound else "outbound"
    if of == "queue":
        told["queue"] = at.name if at.beside == "s" else at.queue
    if at.agent is not None:
        told["agent_id"] = at.agent
    return told
