"""The rows of `GET /api/v1/kpis`: sums over windows, figures, and exact nearest-rank quantiles."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tests.oracle.customers import Answer, People, center, people, surveys, voices
from tests.oracle.defaults import DECLINE_RESULTS, DEFAULTS, FLOW_OUTCOMES, FORCED_OUTCOMES, HOUR, Settings
from tests.oracle.fcr import fcr
from tests.oracle.inflow import bots, inflow
from tests.oracle.interaction import Contribution, Facts, recount
from tests.oracle.records import Record, parse_time, read
from tests.oracle.windows import matured, span

Row = dict[str, Any]

QUEUE_MEASURES = (
    "offered", "answered", "in_threshold", "abandoned", "short_abandoned", "abandoned_in_threshold", "flowed_out",
    "timed_out", "timed_out_connected", "wait_ms", "handled", "talk_ms", "hold_ms", "wrap_up_ms", "handle_ms",
    "transferred", "held", "declined", "ended", "reopened", "closed_unanswered", "first_response",
    "first_response_in_threshold", "first_response_ms", "first_response_business_ms", "next_response",
    "next_response_ms", "next_response_business_ms", "resolution", "resolution_ms", "resolution_business_ms",
)  # fmt: skip
INTERACTION_MEASURES = ("interactions_offered", "interactions_answered", "interactions_lost")
QUANTILES = {"wait": "wait_ms", "handle": "handle_ms", "first_response": "first_response_ms"}


@dataclass
class Recount:
    """All that a log says at one instant."""

    facts: list[Facts]
    contributions: list[Contribution]
    latest: int  # ms
    people: People


def recount_all(
    records: Iterable[Record], at: int | None = None, *, aliases_and_surveys: bool = True, settings: Settings = DEFAULTS
) -> Recount:
    """Recount a log as seen at `at` (ms; None: at its latest event)."""
    log = read(records)
    at = log.latest if at is None else at
    facts = [recount(channel, id_, events, at, settings) for (channel, id_), events in log.interactions.items()]
    found = [contribution for interaction in facts for contribution in interaction.contributions]
    told = log.customers if aliases_and_surveys else []
    found += fcr(facts, told, settings) + inflow(facts, told, settings) + bots(facts, told)
    return Recount(facts, found, log.latest, people(facts, told))


def contributions(records: Iterable[Record], at: int | None = None, **options: Any) -> list[Contribution]:
    """Everything that the interactions and the issues contribute, at its instant."""
    return sorted(recount_all(records, at, **options).contributions, key=repr)


def totals(
    records: Iterable[Record], at: int | None = None, **options: Any
) -> dict[tuple[str, str, str], dict[str, int]]:
    """Sums over all time: (channel, direction, place) -> measure -> n, without what is 0.

    A place is "q" + queue, "-" for no queue, "*" for what belongs to a channel as a whole.
    """
    sums: dict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    for each in recount_all(records, at, **options).contributions:
        place = "*" if each.level == "channel" else "-" if each.queue is None else "q" + each.queue
        sums[each.channel, each.direction, place][each.measure] += each.n
    return {where: {k: n for k, n in sorted(measures.items()) if n} for where, measures in sorted(sums.items())}


def rows(
    records: Iterable[Record],
    window: str,
    by: str,
    at: int | str,
    direction: str = "inbound",
    *,
    aliases_and_surveys: bool = True,
    settings: Settings = DEFAULTS,
) -> list[Row]:
    """The rows of one request. `at`: ms or RFC 3339. Rows of all queues that ever had anything, zeros included."""
    at = parse_time(at) if isinstance(at, str) else at
    known = recount_all(records, at, aliases_and_surveys=aliases_and_surveys, settings=settings)
    labels = tuple(label for label in by.split(",") if label)
    groups: dict[tuple[str | None, ...], list[Contribution]] = {} if labels else {(): []}

    def group_of(channel: str, queue: str | None) -> tuple[str | None, ...]:
        return tuple({"channel": channel, "queue": queue}[label] for label in labels)

    for each in known.contributions:
        if each.level == "queue" or "queue" not in labels:
            groups.setdefault(group_of(each.channel, each.queue), []).append(each)

    for told in known.people.answers:
        if told.channel is not None and "queue" not in labels:
            groups.setdefault(group_of(told.channel, None), [])

    answer = []
    for group, everything in sorted(groups.items(), key=lambda item: tuple((label or "") for label in item[0])):
        wanted = [each for each in everything if direction in ("all", each.direction)]
        inside = [each for each in wanted if within(each, span(window, at, zone_of(each, settings)))]
        waits = [
            (at - w.since, settings.threshold(w.channel, w.queue))
            for facts in known.facts
            if (w := facts.waiting) and group_of(w.channel, w.queue) == group and direction in ("all", w.direction)
        ]
        said = [
            each
            for each in known.people.answers
            if direction != "outbound"
            and (each.queue is not None if "queue" in labels else each.channel is not None or not labels)
            and group_of(each.channel or "", each.queue) == group
            and within(each, span(window, at, zone_of(each, settings) if "queue" in labels else settings.zone))
        ]
        row: Row = dict(zip(labels, group, strict=True))
        row |= measures(inside, interactions="queue" not in labels)
        row |= live(waits) if at >= known.latest else dict.fromkeys(live([]))
        row |= figures(row)
        for name, measure in QUANTILES.items():
            row[f"{name}_quantile_seconds"] = quantiles([each.n for each in inside if each.measure == measure])
        if "queue" not in labels:
            moved = matured(window, at, settings.zone, settings.repeat_window)
            row["fcr"] = {
                "provisional": fcr_figures(inside),
                "matured": fcr_figures([each for each in wanted if within(each, moved)]) if moved else None,
            }
            started = sum(each.n for each in inside if each.measure == "interactions_started")
            row["customers"] = voices(said, started)
        else:
            row["customers"] = surveys(said)
        if not labels:
            row["customers"] |= center(known.people, span(window, at, settings.zone), at, settings)
        row["service_cost"] = cost = service_cost(inside, settings)
        if "queue" not in labels:
            resolved = row["fcr"]["provisional"]["resolved"]
            row["service_cost_per_interaction"] = None if cost is None else ratio(cost, started)
            row["service_cost_per_resolved"] = None if cost is None else ratio(cost, resolved)
        answer.append(row)
    return answer


def service_cost(inside: list[Contribution], settings: Settings) -> float | None:
    """Work at the rate of its channel; no value while a rate is missing."""
    work = [(each.channel, each.n) for each in inside if each.measure == "handle_ms" and each.n]
    if not settings.hourly_rates or any(channel not in settings.hourly_rates for channel, _ in work):
        return None
    return sum((n / HOUR * settings.hourly_rates[channel] for channel, n in work), 0.0)


def zone_of(each: Contribution | Answer, settings: Settings) -> str:
    """Whose midnight counts: the queue's, or the center's for what has no queue."""
    return settings.zone if each.queue is None else settings.of(each.channel or "", each.queue).zone


def within(each: Contribution | Answer, window: tuple[int, int]) -> bool:
    """Whether it is stamped inside a window."""
    return window[0] <= each.at < window[1]


def measures(inside: list[Contribution], *, interactions: bool) -> Row:
    """The integers of a row."""
    sums: Counter[str] = Counter()
    for each in inside:
        sums[each.measure] += each.n
    row: Row = {name: sums[name] for name in QUEUE_MEASURES}
    for name, values in (("flowed_out_by", FLOW_OUTCOMES), ("declined_by", DECLINE_RESULTS)):
        row[name] = {value: sums[f"{name}.{value}"] for value in values if sums[f"{name}.{value}"]}
    if interactions:
        row |= {name: sums[name] for name in INTERACTION_MEASURES}
    return row


def live(waits: list[tuple[int, int]]) -> Row:
    """What waits now: (wait, threshold) of each, in ms."""
    return {
        "waiting": len(waits),
        "waiting_past_threshold": sum(wait > threshold for wait, threshold in waits),
        "longest_wait_ms": max((wait for wait, _ in waits), default=None),
    }


def ratio(numerator: float, denominator: float) -> float | None:
    """No value for an empty denominator."""
    return numerator / denominator if denominator > 0 else None


def figures(row: Row) -> Row:
    """The figures of contract section 4, from a row's integers."""
    answered, abandoned, short = row["answered"], row["abandoned"], row["short_abandoned"]
    in_threshold, quickly_abandoned = row["in_threshold"], row["abandoned_in_threshold"]
    forced = sum(row["flowed_out_by"].get(outcome, 0) for outcome in FORCED_OUTCOMES) + row["timed_out"]
    both = answered + abandoned
    past = row["waiting_past_threshold"]
    return {
        "service_level": {
            "answered_only": ratio(in_threshold, answered),
            "abandons_negative": ratio(in_threshold, both),
            "abandons_positive": ratio(in_threshold + quickly_abandoned, both),
            "early_abandons_excluded": ratio(in_threshold, both - quickly_abandoned),
            "short_abandons_credited": ratio(in_threshold + short, both),
            "short_abandons_excluded": ratio(in_threshold, both - short),
            "with_flowouts": ratio(in_threshold, both + row["flowed_out"]),
            "strict": ratio(in_threshold, both - short + forced),
        },
        "service_level_live": None if past is None else ratio(in_threshold, both - short + past),
        "abandonment": ratio(abandoned - short, both - short),
        "response_level": ratio(row["first_response_in_threshold"], row["first_response"]),
        "transfer_rate": ratio(row["transferred"], row["handled"]),
        "hold_rate": ratio(row["held"], row["handled"]),
        "reopen_rate": ratio(row["reopened"], row["ended"]),
        "asa_seconds": ratio(row["wait_ms"] / 1000, answered),
        "aht_seconds": ratio(row["handle_ms"] / 1000, row["handled"]),
        **{
            f"{name}_seconds": ratio(row[f"{name}_ms"] / 1000, row[name])
            for name in ("first_response", "next_response", "resolution")
        },
    }


def quantiles(values_ms: list[int]) -> dict[str, float | None]:
    """Nearest rank: of n values the ceil(p n)-th, in seconds."""
    ordered = sorted(values_ms)
    return {
        f"p{percent}": ordered[-(-percent * len(ordered) // 100) - 1] / 1000 if ordered else None
        for percent in (50, 90, 95, 99)
    }


def fcr_figures(inside: list[Contribution]) -> Row:
    """The five of one stage."""
    sums = Counter(each.measure for each in inside)
    return {
        "first_contacts": sums["first_contacts"],
        "resolved": sums["resolved_contacts"],
        "repeated": sums["repeated_contacts"],
        "unidentified": sums["unidentified"],
        "ratio": ratio(sums["resolved_contacts"], sums["first_contacts"]),
    }
