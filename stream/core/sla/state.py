"""Of what state a queue's service level is: ok, at risk, breached, or closed. Pure; everybody who shows it asks here.

What gets worse shows at once. What gets better shows when it has been better without a break for the hysteresis, and
then as the worst of that time, so that a queue on the edge does not flap. Opening and closing show at once.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from msgspec import Struct

from stream.core.rules import MINUTE

State = Literal["ok", "at_risk", "breached", "closed"]

OK, AT_RISK, BREACHED, CLOSED = range(4)
STATES: tuple[State, ...] = ("ok", "at_risk", "breached", "closed")
"""By number: the number is the value of `contact_center_queue_sla_state`."""


class SlaRules(Struct, frozen=True, kw_only=True):
    """When a queue is at risk or breached.

    `minimum_sample`: fewer in the denominator never make a breach. `margin`: at risk from so little above the target
    on. `waited_share`: at risk when somebody has waited for more than this share of the threshold. `hysteresis_ms`:
    how long it must be better to show as better.
    """

    minimum_sample: int = 20
    margin: float = 0.05
    waited_share: float = 0.75
    hysteresis_ms: int = MINUTE


class Seen(NamedTuple):
    """A queue at one instant. `figure`: `service_level_live`, or `response_level` where responses are what counts.

    `numerator`, `denominator`: of that figure, live, over the window of alerts. `longest_share`: the longest wait now
    as a share of its threshold, 0 when nothing waits.
    """

    open: bool
    figure: str
    numerator: int
    denominator: int
    target: float
    longest_share: float

    @property
    def level(self) -> float | None:
        """The figure; None while there is nothing to judge."""
        return self.numerator / self.denominator if self.denominator else None


class Standing(Struct, frozen=True, kw_only=True):
    """The state of a queue `since` (ms), and since when and how well it has been better (`better_since` ms)."""

    state: int
    since: int
    better_since: int | None = None
    better_state: int = OK


def judge(seen: Seen, rules: SlaRules) -> int:
    """The state of this instant alone.

    >>> STATES[judge(Seen(True, "service_level_live", 15, 20, 0.8, 0.0), SlaRules())]
    'breached'
    >>> STATES[judge(Seen(True, "service_level_live", 3, 4, 0.8, 0.0), SlaRules())]
    'at_risk'
    """
    if not seen.open:
        return CLOSED
    level = seen.level
    if level is not None and level < seen.target and seen.denominator >= rules.minimum_sample:
        return BREACHED
    if seen.longest_share > rules.waited_share:
        return AT_RISK
    return AT_RISK if level is not None and level < 1 and level <= seen.target + rules.margin else OK


def step(standing: Standing | None, seen: Seen, rules: SlaRules, now_ms: int) -> Standing:
    """The state after another look at `now` (ms); the same object when nothing is new.

    >>> worse = step(None, Seen(True, "service_level_live", 15, 20, 0.8, 0.0), SlaRules(), 1000)
    >>> better = step(worse, Seen(True, "service_level_live", 20, 20, 0.8, 0.0), SlaRules(), 2000)
    >>> STATES[better.state], better.better_since
    ('breached', 2000)
    """
    found = judge(seen, rules)
    if standing is None or found > standing.state or (standing.state == CLOSED and found != CLOSED):
        return Standing(state=found, since=now_ms)
    if found == standing.state:
        return standing if standing.better_since is None else Standing(state=found, since=standing.since)
    since = now_ms if standing.better_since is None else standing.better_since
    worst = found if standing.better_since is None else max(found, standing.better_state)
    if now_ms - since >= rules.hysteresis_ms:
        return Standing(state=worst, since=now_ms)
    if (since, worst) == (standing.better_since, standing.better_state):
        return standing
    return Standing(state=standing.state, since=standing.since, better_since=since, better_state=worst)
