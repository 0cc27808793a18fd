"""What journeys count, by looking at each thing in turn: no searching, no sharing with the core but its words.

(local day, kind, segment, phase, names, measure) -> n; segment `all` is everybody.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from schemas.events import Digest, Said
from stream.core.figures.sketch import bin_of
from stream.core.rules import DAY, HOUR, Rules

FELT = ("survey_answered", "complained", "reviewed")
WORDS = {"purchased": "purchase", "returned": "return", "survey_answered": "survey", "complained": "complaint",
         "reviewed": "review"}  # fmt: skip
LOW = {"csat": 2, "nps": 6, "ces": 3}
Counts = Counter[tuple[Any, ...]]
Touch = dict[str, Any]


def recount(digests: list[Digest], events: list[Said], rules: Rules) -> Counts:
    """All that one customer's journeys count."""
    events = sorted(events, key=lambda e: (e.at, e.source, e.id))
    orders = first_of_each([e for e in events if e.kind == "purchased"])
    touches = touchpoints(digests, events, orders, rules)
    found: Counts = Counter()

    def count(touch: Touch, kind: str, names: tuple[str, ...], **measures: int) -> None:
        for segment in ["all", *segments(touch["at"], digests, events, orders, rules)]:
            for measure, n in measures.items():
                found[touch["at"] // DAY, kind, segment, touch["phase"], names, measure] += n

    start, broken = None, set()
    for number, touch in enumerate(touches):
        before = touches[number - 1] if number else None
        if before is None or gap(before, touch) > 30 * DAY:
            start, broken = touch, set()
            count(touch, "j", (), journeys=1)
            before = None
        count(touch, "t", (touch["name"],), touches=1, **{f"as_{touch['outcome']}": 1}, **measures(touch))
        for why in friction(touch, digests, rules):
            count(touch, "f", (why, touch["name"]), frictions=1)
            if not broken:
                count(start, "j", (), journeys_broken=1)
            for name in ("", touch["name"]):
                if (why, name) not in broken:
                    broken.add((why, name))
                    count(start, "f", (why, name), journeys_broken=1)
        if before is not None:
            names = before["place"], touch["place"]
            count(touch, "m", names, transitions=1, **{f"gap_{bin_of(gap(before, touch))}": 1})
    return Counter({key: n for key, n in found.items() if n})


def first_of_each(purchases: list[Said]) -> list[Said]:
    return [p for i, p in enumerate(purchases) if all(q.order_id != p.order_id for q in purchases[:i])]


def gap(before: Touch, after: Touch) -> int:
    return max(0, after["at"] - (before["end"] if before["end"] is not None else before["at"]))


def touchpoints(digests: list[Digest], events: list[Said], orders: list[Said], rules: Rules) -> list[Touch]:
    found: list[Touch] = []
    for d in digests:
        name = d.channel + ("/" + d.queue if d.queue is not None else "")
        found.append(
            touch(
                d.started_at,
                name,
                d.channel,
                d.outcome if d.ended_at else "open",
                orders,
                ("", d.channel, d.interaction_id),
                d=d,
                end=min(d.ended_at, default=None),
            )
        )
    found += [of_event(e, orders, rules) for e in events if e.kind in ("touched", "returned") or e in orders]
    felt = [e for e in events if e.kind in FELT]
    alone = []
    for e in felt:
        if e.interaction_id is not None:
            own = [t for t in found if t["d"] and t["d"].interaction_id == e.interaction_id]
            own = [t for t in own if e.channel in (None, t["place"])]
        else:
            own = [t for t in found if e.at - 30 * DAY <= t["at"] <= e.at and e.channel in (None, t["place"])]
        if own:
            max(own, key=lambda t: (t["at"], *t["key"]))["felt"].append(e)
        else:
            alone.append(of_event(e, orders, rules))
    return sorted(found + alone, key=lambda t: (t["at"], *t["key"]))


def of_event(e: Said, orders: list[Said], rules: Rules) -> Touch:
    name = WORDS.get(e.kind) or (e.name if e.name in rules.touchpoints else "other")
    outcome = {"purchased": "bought", "returned": "returned", "touched": e.outcome or "untold"}.get(e.kind, "untold")
    one = touch(e.at, name, name, outcome, orders, (e.kind, e.source, e.id))
    if e.kind == "returned":
        one["phase"] = "after"
    if e.phase is not None:
        one["phase"] = e.phase
    if e.kind in FELT:
        one["felt"].append(e)
    return one


def touch(
    at: int, name: str, place: str, outcome: str, orders: list[Said], key: tuple[str, ...], *, d: Digest | None = None,
    end: int | None = None,
) -> Touch:  # fmt: skip
    return {"at": at, "name": name, "place": place, "outcome": outcome, "phase": phase(at, orders), "key": key, "d": d,
            "end": end, "felt": []}  # fmt: skip


def phase(at: int, orders: list[Said]) -> str | None:
    near = [(abs(at - o.at), o.at) for o in orders if abs(at - o.at) <= 30 * DAY]
    if not near:
        return None
    distance, order = min(near)
    return "during" if distance <= HOUR else "after" if at > order else "before"


def measures(t: Touch) -> dict[str, int]:
    found: Counter[str] = Counter()
    d = t["d"]
    if d is not None and d.wait_ms is not None:
        found.update(touches_waited=1, wait_ms=d.wait_ms)
    if d is not None and d.handled:
        found.update(handled=d.handled, handle_ms=d.handle_ms)
    for e in t["felt"]:
        if e.kind == "complained":
            found["complaints"] += 1
        elif e.kind == "reviewed":
            found["reviews"] += 1
        elif e.survey == "nps":
            found.update(nps_answers=1, nps_promoters=e.score >= 9, nps_detractors=e.score <= 6)
        elif e.survey == "csat":
            found.update(csat_answers=1, csat_satisfied=e.score >= 4, csat_sum=e.score, csat_squares=e.score**2)
        else:
            found.update(ces_answers=1, ces_sum=e.score, ces_squares=e.score**2)
    return dict(found)


def friction(t: Touch, digests: list[Digest], rules: Rules) -> list[str]:
    found, d = [], t["d"]
    if d is not None:
        own, wait = rules.queue(d.channel, d.queue), d.wait_ms
        if d.outcome == "abandoned" and not (wait is not None and wait <= own.short_abandon_ms):
            found.append("abandoned")
        for other in digests:
            after = any(0 <= other.started_at - end <= rules.repeat_window_ms for end in d.ended_at)
            alike = d.reason is None or other.reason is None or d.reason == other.reason
            if after and alike and d.inbound and other.inbound and other.channel != d.channel:
                found.append("repeated_on_another_channel")
                break
        if d.transferred >= 2:
            found.append("transferred_twice")
        if wait is not None and wait > rules.long_wait_factor * own.threshold_ms:
            found.append("long_wait")
    if any(e.score <= (2 if e.kind == "reviewed" else LOW[e.survey]) for e in t["felt"] if e.kind != "complained"):
        found.append("low_score")
    if any(e.kind == "complained" for e in t["felt"]):
        found.append("complaint")
    return found


def segments(at: int, digests: list[Digest], events: list[Said], orders: list[Said], rules: Rules) -> list[str]:
    found = []
    if at - min([d.started_at for d in digests] + [e.at for e in events]) <= 90 * DAY:
        found.append("new")
    year = [o for o in orders if at - 365 * DAY <= o.at <= at]
    if len(year) >= 2:
        found.append("returning")
    for currency, least in rules.high_value.items():
        if sum(o.amount for o in year if o.currency == currency) >= least and "high_value" not in found:
            found.append("high_value")
    lately = [e for e in events if at - 30 * DAY <= e.at <= at]
    if any(e.kind == "complained" or (e.survey == "nps" and e.score <= 6) for e in lately):
        found.append("at_risk")
    told = [e.name for e in events if e.kind == "updated" and e.at <= at]
    if told:
        found.append(told[-1] if told[-1] in rules.segments else "other")
    return found
