"""Where journeys break: what of a customer's touchpoints went wrong, and how.

`abandoned`: left a queue after more than the short-abandon threshold. `repeated_on_another_channel`: an inbound
interaction after whose end, within the repeat window, a matching one started on another channel: it breaks at the one
that was not enough. `transferred_twice`: two transfers or more. `long_wait`: more than so many thresholds of the queue
(setting). `low_score`: a CSAT of 2 or less, NPS 6, CES 3; a review of two stars or less. `complaint`: any.
"""

from __future__ import annotations

from schemas.events import Digest, Said
from stream.core.customers.journey import Instants, Journey
from stream.core.customers.risks import is_low
from stream.core.customers.touchpoints import Touchpoint
from stream.core.rules import Rules

KINDS = ("abandoned", "repeated_on_another_channel", "transferred_twice", "long_wait", "low_score", "complaint")
MANY_TRANSFERS = 2
BAD_STARS = 2


class Friction:
    """What went wrong for one customer."""

    def __init__(self, journey: Journey, rules: Rules) -> None:
        self._rules = rules
        self._journey = journey
        self._starts: dict[str, Instants] | None = None

    def at(self, touch: Touchpoint) -> tuple[str, ...]:
        """The kinds of friction at a touchpoint, each once, in the order of `KINDS`."""
        d, felt = touch.digest, touch.felt
        kinds = () if d is None else self._kinds(d)
        if not felt:
            return kinds
        if any(is_bad(said) for said in felt):
            kinds += ("low_score",)
        return (*kinds, "complaint") if any(said.kind == "complained" for said in felt) else kinds

    def _kinds(self, d: Digest) -> tuple[str, ...]:
        kinds = inside(d, self._rules)
        if d.inbound and d.ended_at and self._is_repeated_elsewhere(d):
            return tuple(kind for kind in KINDS if kind == "repeated_on_another_channel" or kind in kinds)
        return kinds

    def _is_repeated_elsewhere(self, d: Digest) -> bool:
        window_ms = self._journey.window_ms
        for end in d.ended_at:
            if self._journey.starts.any_other(-1, None, end, end + window_ms):
                for channel, starts in self._by_channel().items():
                    if channel != d.channel and starts.any_other(-1, d.reason, end, end + window_ms):
                        return True
        return False

    def _by_channel(self) -> dict[str, Instants]:
        """The starts of inbound interactions."""
        if self._starts is None:
            starts: dict[str, list[tuple[int, int, str | None]]] = {}
            for number, d in enumerate(self._journey.inbound):
                starts.setdefault(d.channel, []).append((d.started_at, number, d.reason))
            self._starts = {channel: Instants(found) for channel, found in starts.items()}
        return self._starts


def inside(d: Digest, rules: Rules) -> tuple[str, ...]:
    """What went wrong while an interaction lasted."""
    kinds: tuple[str, ...] = ()
    own, waited = rules.queue(d.channel, d.queue), d.wait_ms
    if d.outcome == "abandoned" and (waited is None or waited > own.short_abandon_ms):
        kinds += ("abandoned",)
    if d.transferred >= MANY_TRANSFERS:
        kinds += ("transferred_twice",)
    if waited is not None and waited > own.threshold_ms * rules.long_wait_factor:
        kinds += ("long_wait",)
    return kinds


def is_bad(said: Said) -> bool:
    """Whether it is a low score, or a bad review.

    >>> is_bad(Said("reviewed", 5, "s", "1", 0, score=2)), is_bad(Said("complained", 5, "s", "1", 0))
    (True, False)
    """
    if said.kind == "reviewed":
        return said.score is not None and said.score <= BAD_STARS
    return is_low(said)
