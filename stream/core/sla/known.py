"""What is known of a queue's alerts, and what is to be told. Pure: whoever reads what was told before, knows as much.

A queue that is ok or closed is *calm*. Told is what gets at risk, breached, and calm again; not that a calm queue opens
or closes. While it is muted nothing is told; afterwards its state, if it is another than was told last. Once somebody
has acknowledged it only that it is calm again is told, and that ends the acknowledgement.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from schemas.alerts import Acknowledged, AtRisk, Breached, Muted, Recovered
from stream.core.rules import MINUTE
from stream.core.sla.state import AT_RISK, BREACHED, CLOSED, OK, STATES, Standing, step

if TYPE_CHECKING:
    from schemas.alerts import Alert
    from stream.core.sla.state import Seen, SlaRules

TYPES: dict[int, type[AtRisk | Breached | Recovered]] = {
    OK: Recovered, AT_RISK: AtRisk, BREACHED: Breached, CLOSED: Recovered,
}  # fmt: skip
"""State -> the event that tells it."""
CALM = (OK, CLOSED)
_SET_BACK_MS = MINUTE
_EPOCH, _MILLISECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(milliseconds=1)


class Known(Struct, frozen=True, kw_only=True):
    """`told`: the state that was told last, ok before the first. `muted_until` in ms. `acknowledged_by`: by whom."""

    standing: Standing | None = None
    told: int = OK
    muted_until: int | None = None
    acknowledged_by: str | None = None


NOTHING = Known()


def looked(known: Known, seen: Seen, rules: SlaRules, now_ms: int) -> Known:
    """After another look at `now` (ms); the same object when nothing is new.

    No two states of a queue are since one instant, whosever clock is a little behind. A clock that was set back for
    more (a past day is replayed) begins anew: a state is not since the future.
    """
    before = known.standing
    if before is not None and now_ms < before.since - _SET_BACK_MS:
        before = Standing(state=before.state, since=now_ms)
    after = step(before, seen, rules, now_ms if before is None else max(now_ms, before.since + 1))
    if after is known.standing:
        return known
    calm = after.state in CALM
    return replace(known, standing=after, acknowledged_by=None if calm else known.acknowledged_by)


def unwatched(known: Known) -> Known:
    """After a time in which nobody looked: for how long it has been better is not known."""
    if known.standing is None or known.standing.better_since is None:
        return known
    return replace(known, standing=Standing(state=known.standing.state, since=known.standing.since))


def is_muted(known: Known, now_ms: int) -> bool:
    """Whether nothing is told now."""
    return known.muted_until is not None and known.muted_until > now_ms


def is_troubled(known: Known) -> bool:
    """Whether it is at risk or breached, or was when it was told last: if it vanished, its recovery is to be told."""
    return known.told not in CALM or (known.standing is not None and known.standing.state not in CALM)


def is_to_be_told(known: Known, now_ms: int) -> bool:
    """Whether the state is to be told.

    >>> breached = Known(standing=Standing(state=BREACHED, since=0))
    >>> is_to_be_told(breached, 0), is_to_be_told(replace(breached, muted_until=9), 8)
    (True, False)
    """
    if known.standing is None or is_muted(known, now_ms):
        return False
    state = known.standing.state
    if state == known.told or (state in CALM and known.told in CALM):
        return False
    return state in CALM or known.acknowledged_by is None


def heard(known: Known, event: Alert) -> Known:
    """After an event of the queue was told: by us a moment ago, or by whoever decided before us."""
    if isinstance(event, Muted):
        until = milliseconds(event.data.until)
        return replace(known, muted_until=until if until > milliseconds(event.data.at) else None)
    if isinstance(event, Acknowledged):
        return replace(known, acknowledged_by=event.data.by)
    state, since, before = STATES.index(event.data.state), milliseconds(event.data.since), known.standing
    same = before is not None and (before.state, before.since) == (state, since)
    return replace(
        known,
        standing=before if same else Standing(state=state, since=since),
        told=state,
        acknowledged_by=None if state in CALM else known.acknowledged_by,
    )


def milliseconds(at: datetime) -> int:
    """An instant of the wire in ms since the epoch.

    >>> milliseconds(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC))
    1000
    """
    return (at - _EPOCH) // _MILLISECOND


def identity(*parts: str | int) -> str:
    """The id of an event: a hash of what it says, so that the same is never told under two.

    >>> identity("phone", "support", "breached", 1000)
    '614a863d7ade0185199de15b1e409c44'
    """
    return blake2b("\0".join(map(str, parts)).encode(), digest_size=16).hexdigest()
