"""Calls as Asterisk's `queue_log` would tell them: whole seconds, lines of all calls in one file, in order of time."""

from __future__ import annotations

import json
from collections.abc import Iterable

from tests.schemas.sources_model import Call, Kind, Stay

KIND = Kind(
    unit_ms=1000, last_outcomes=("timeout", "no_agents", "voicemail", "other"),
    next_outcomes=("timeout", "no_agents", "other"), direct=False, outbound=False, holds=False, wraps=False,
)  # fmt: skip
_LEFT = {
    "abandoned": "ABANDON|1|1|{}", "timeout": "EXITWITHTIMEOUT|1|1|{}", "no_agents": "EXITEMPTY|1|1|{}",
    "voicemail": "WITHDRAW|1|1|{}|to-voicemail", "other": "EXITWITHKEY|2|1|1|{}",
}  # fmt: skip


def lines(calls: Iterable[Call], *, late_transfers: bool = False) -> list[str]:
    """The file's. `late_transfers`: a blind transfer is logged after the next queue has been entered."""
    found = [each for call in calls for each in _of(call, late_transfers=late_transfers)]
    return [line for _, line in sorted(found, key=lambda each: each[0])]


def shipped(told: Iterable[str]) -> list[bytes]:
    """Lines with the host and the place in the file, as whoever ships the file sends them."""
    found, offset = [], 0
    for line in told:
        found.append(json.dumps({"host": "pbx", "file": "g1", "offset": offset, "line": line}).encode())
        offset += len(line) + 1
    return found


def _of(call: Call, *, late_transfers: bool) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    id_ = f"{call.at // 1000}.{call.number}"
    for number, stay in enumerate(call.stays):
        own = _of_stay(call, stay, id_)
        before = call.stays[number - 1].part if number else None
        if late_transfers and before is not None and before.until == stay.at:
            found[-1:] = [own[0], found[-1], *own[1:]]
        else:
            found += own
    return found


def _of_stay(call: Call, stay: Stay, id_: str) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []

    def tell(at: int, agent: str, rest: str) -> None:
        found.append((at // 1000, f"{at // 1000}|{id_}|{stay.queue}|{agent}|{rest}"))

    tell(stay.at, "NONE", f"ENTERQUEUE||{call.phone}|1|Someone")
    for ring in stay.rings:
        if ring.result:
            tell(ring.until, ring.agent, f"RINGNOANSWER|{ring.until - ring.at}")
    waited, part = (stay.left_at - stay.at) // 1000, stay.part
    if part is None:
        tell(stay.left_at, "NONE", _LEFT[stay.left].format(waited))
        return found
    ring = stay.rings[-1]
    tell(part.at, part.agent, f"CONNECT|{waited}|{id_}9|{(ring.until - ring.at) // 1000}")
    sums = f"{waited}|{(part.until - part.at) // 1000}|1"
    kind = {"customer": "COMPLETECALLER", "agent": "COMPLETEAGENT", "blind": "BLINDTRANSFER|200|xfer"}[part.how]
    tell(part.until, part.agent, f"{kind}|{sums}")
    return found
