"""Identities that hold at every commit, whatever came in and in whichever order. Pure.

Each gives a residual: 0, or something was lost or counted twice. Totals are given as what was gained and what of it was
retracted. Interactions that are offered and neither answered nor lost are those that wait, have flowed out, or fell
silent; nothing else says how many these are, so that only a surplus is a fault (`shares`). Agents' work is counted in
shards of its own, later than the queues', so the two are not compared.
"""

from __future__ import annotations

from stream.core import measures as m
from stream.core.measures import CODES, FLOW_CODES, Cell

BALANCES = {
    "records": "Of a partition: records in, less applied, duplicate, skipped and rejected.",
    "queues": "Of a queue: offered, less answered, abandoned, flowed out, timed out and waiting now.",
    "parts": "Of a queue: flowed out by outcome, declined by result, and waits and handle times in histograms,"
             " each against what they are parts of.",
    "sketches": "Of a queue, over that half an hour of `rings`: the bins of answered waits, handle times and first"
                " responses, each against what they are parts of.",
    "shares": "Of a queue or a channel: what can only be a part of another count, as in_threshold of answered,"
              " resolved of ended, interactions answered and lost of those offered; and counts below 0.",
    "rings": "Of a queue or a channel: half an hour of ten-second cells, up to the last whole five minutes, against the"
             " five-minute cells.",
}  # fmt: skip
"""Name -> what is taken from what: the label `balance`."""

_ANSWERED, _HANDLED, _RESPONSES = CODES["answered"], CODES["handled"], CODES["first_response"]
_PARTS: tuple[tuple[int, range], ...] = (
    (CODES["flowed_out"], range(min(FLOW_CODES.values()), max(FLOW_CODES.values()) + 1)),
    (CODES["declined"], range(m.DECLINED_BY, m.DECLINED_UNTOLD + 1)),
    (_ANSWERED, range(m.WAIT_BOUNDS, m.HANDLE_BOUNDS)),
    (_HANDLED, range(m.HANDLE_BOUNDS, m.HANDLE_BOUNDS + m.HANDLE_BOUNDS - m.WAIT_BOUNDS)),
)
_NONE = len(_PARTS)
_WHICH = [_NONE] * (m.HANDLE_BOUNDS + m.HANDLE_BOUNDS - m.WAIT_BOUNDS)
for _number, (_, _codes) in enumerate(_PARTS):
    for _code in _codes:
        _WHICH[_code] = _number
_SHARES: tuple[tuple[tuple[int, ...], int], ...] = tuple(
    (tuple(CODES[part] for part in parts), CODES[whole])
    for parts, whole in (
        (("in_threshold",), "answered"),
        (("short_abandoned",), "abandoned"),
        (("abandoned_in_threshold",), "abandoned"),
        (("transferred",), "handled"),
        (("held",), "handled"),
        (("first_response_in_threshold",), "first_response"),
        (("resolved",), "resolved_known"),
        (("resolved_known",), "ended"),
        (("interactions_offered",), "interactions_started"),
        (("interactions_answered", "interactions_lost"), "interactions_offered"),
    )
)


def parts_residual(gained: Cell, retracted: Cell) -> int:
    """How far parts are from what they are parts of, each difference counted; see `BALANCES`.

    >>> answered = {CODES["answered"]: 1, m.WAIT_BOUNDS: 1}
    >>> parts_residual(answered, answered), parts_residual({**answered, CODES["flowed_out"]: 2}, {})
    (0, 2)
    """
    found = [0] * (_NONE + 1)
    which = _WHICH
    for code, n in gained.items():
        found[which[code]] += n
    for code, n in retracted.items():
        found[which[code]] -= n
    return sum(
        abs(gained.get(whole, 0) - retracted.get(whole, 0) - found[number]) for number, (whole, _) in enumerate(_PARTS)
    )


def sketches_residual(cell: Cell) -> int:
    """How far the bins of sketches are from what was counted, each sketch counted.

    >>> sketches_residual({CODES["answered"]: 2, m.WAIT_BINS + 7: 1, m.WAIT_BINS: 1})
    0
    >>> sketches_residual({m.HANDLE_BINS: 3})
    3
    """
    bins = [0, 0, 0]
    for code, n in cell.items():
        if m.WAIT_BINS <= code < m.WAIT_BOUNDS:
            bins[code // 1000 - 1] += n
    return sum(abs(n - cell.get(of, 0)) for n, of in zip(bins, (_ANSWERED, _HANDLED, _RESPONSES), strict=True))


def shares_residual(gained: Cell, retracted: Cell) -> int:
    """By how much parts exceed what they are parts of, and how far counts are below 0.

    >>> shares_residual({CODES["held"]: 1, CODES["handled"]: 1}, {}), shares_residual({CODES["held"]: 2}, {9: 1})
    (0, 3)
    """
    get, back = gained.get, retracted.get
    excess = 0
    for parts, whole in _SHARES:
        most = max(get(whole, 0) - back(whole, 0), 0)
        for part in parts:
            most -= max(get(part, 0) - back(part, 0), 0)
        excess += max(-most, 0)
    return excess + sum(max(n - get(code, 0), 0) for code, n in retracted.items())


def difference(one: Cell, other: Cell) -> int:
    """How far two cells are from each other, each code counted.

    >>> difference({1: 5, 2: 1}, {1: 3, 2: 1}), difference({}, {})
    (2, 0)
    """
    if one == other:
        return 0
    return sum(abs(one.get(code, 0) - other.get(code, 0)) for code in one.keys() | other.keys())
