"""docs/figures.md, written from the core's docstrings and tables."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from stream.core.figures import agents as agent_figures
from stream.core.figures import common as figures
from stream.core.figures import cost, customers, outcomes, quantiles, surveys
from stream.core.figures import service_level as levels
from stream.core.figures.definition import Definition, definition
from stream.core.figures.explained import FIGURES
from stream.core.figures.measure_words import MEASURES, NOW, TIMES
from stream.core.figures.metrics import METRICS
from stream.core.measures import CODES

PAGE = Path(__file__).parents[1] / "docs" / "figures.md"

HEAD = """\
# Figures

<!-- Written from the docstrings of stream/core by `make docs-write`; not by hand. -->

What each number means, how it is made, what is not in it, and where others count differently. The words between
backquotes are the keys of `GET /api/v1/kpis`; `GET /api/v1/explain?figure=…` shows any that is made of interactions
with its numerator, its denominator and the interactions behind it: all but agents' time, what is live, costs, and what
customers do beside interactions and surveys about them.

## How to read it

- **Interaction, segment, thread.** An interaction is one customer's reach on one channel. Each stay of it in one queue
  or with one agent is a segment: a transfer or a re-queue opens the next. A thread is an interaction of messages: by
  email, social media, chat. Queues are judged by segments; how many customers called is told by the measures of
  interactions.
- **Stamped at.** Each thing counts in the bucket of one instant, that of the event named in the tables below, so a call
  queued at 7:28 and answered at 7:32 is offered before half past and answered after it. A window is a sum of buckets,
  and in one window the answered may be more than the offered.
- **No value.** Nothing to divide by gives `null`, or no sample of a metric: never 0 or 100 %.
- **Sums first.** A figure of several queues divides the sums, so each queue weighs what it took.
- **Inbound.** All is of inbound interactions, and of callbacks that customers asked for; `direction=outbound` or `all`
  gives the others.
- **Thresholds** are met when the wait is no longer: at exactly 20 s a call is in time.
- **Business time** runs while the queue's calendar is open: a thread of Friday 16:30 with one hour, Monday to Friday
  9:00 to 17:00, is due on Monday at 9:30. Without a calendar it is elapsed time.
- **Corrections.** A late event changes what it should, in the past too; nothing is final until it cannot change.

| letter | measure |
| --- | --- |
| O | `offered` |
| A | `answered` |
| A<= | `in_threshold` |
| B | `abandoned` |
| B<= | `abandoned_in_threshold` |
| s | `short_abandoned` |
| F | `flowed_out` |
"""

HALF_HOURS = """\
## Half-hours

Rows of `GET /api/v1/intervals` hold the measures and figures of one half-hour of the local clock, or of one hour. A key
`usual_…` is the median of that key at the same time of the same weekday in the last four weeks, of those weeks that are
known."""


ENDS = ("", "_ratio", "_average")
"""What a metric's name adds to its figure's."""


class Section(NamedTuple):
    """A part of the page: keys of `FIGURES` with the functions that they are made of."""

    title: str
    words: str
    entries: tuple[tuple[str, Callable[..., Any]], ...]


def _named(*functions: Callable[..., Any]) -> tuple[tuple[str, Callable[..., Any]], ...]:
    return tuple((function.__name__, function) for function in functions)


SECTIONS = (
    Section(
        "Service level",
        "One queue, one day, and eight figures that are all called service level. All are there at once; which one is\n"
        "exported is a setting (`service_level_variant`), of the center or of a queue.",
        (*((f"service_level.{name}", function) for name, function in levels.VARIANTS.items()),
         *_named(levels.service_level_live)),
    ),
    Section(
        "Waiting",
        "Of segments that entered a queue.",
        _named(figures.asa_seconds, quantiles.wait_quantile_seconds, figures.abandonment, figures.forced_out_rate),
    ),
    Section(
        "Work",
        "Of segments that had an agent, whether they came from a queue or not.",
        _named(figures.aht_seconds, quantiles.handle_quantile_seconds, figures.transfer_rate, figures.hold_rate),
    ),
    Section(
        "Threads",
        "Of email, social and chat, where being assigned to somebody says nothing: the clocks run to public messages.",
        _named(
            figures.response_level, figures.response_level_live, figures.first_response_seconds,
            quantiles.first_response_quantile_seconds, figures.next_response_seconds, figures.resolution_seconds,
        ),
    ),
    Section(
        "Outcomes",
        "Whether it helped. An issue belongs to the channel of its first contact and to no queue: in rows without\n"
        "`queue`, `fcr.provisional` and `fcr.matured` hold `first_contacts`, `resolved`, `repeated`, `unidentified`,\n"
        "`ratio` and `repeat_rate`.",
        (("fcr", outcomes.fcr_ratio),
         *_named(outcomes.repeat_rate, outcomes.repeat_inflow, outcomes.resolution_rate, outcomes.reopen_rate,
                 outcomes.containment)),
    ),
    Section(
        "What customers say",
        "In the key `customers` of a row, beside `interactions`: those that started. Every answer counts, also the\n"
        "second of one customer: for the channel that it names, else for that of its interaction, else for none, and\n"
        "then in the row of all channels alone. Answers about an interaction are in rows of its last queue and its\n"
        "last agent too. Complaints belong to a channel or to none, reviews to none.",
        _named(surveys.nps, surveys.csat, surveys.csat_mean, surveys.ces, surveys.complaints_per_1000,
               surveys.reviews_mean, surveys.bad_review_share),
    ),
    Section(
        "Customers",
        "In the key `customers` of the row of all channels (no `by`), in every direction the same. A customer is who\n"
        "has joined and not left since. Days and years are of the center's zone.",
        _named(customers.churn, customers.early_churn, customers.retention, customers.return_rate,
               customers.repeat_purchase, customers.clv),
    ),
    Section(
        "Cost",
        "Made when it is read, so that another rate holds for the past too. `null` until rates are set.",
        _named(cost.service_cost, cost.service_cost_per_interaction, cost.service_cost_per_resolved),
    ),
    Section(
        "Agents",
        "Rows with `by=agent` or `by=team` hold handled work, with its figures from above, and time: exact to the\n"
        "millisecond, split at the edges of the window, of both directions and of all queues together. Handled\n"
        "work adds up to that of the queues. Closings without an agent, as by a bot or of who gave up, are in no\n"
        "agent's row. First contacts (`fcr`) and answers to surveys (`customers`) are those of interactions that\n"
        "the agent had last. Who is in two teams counts in both, who is in none under the team `null`.",
        _named(agent_figures.occupancy, agent_figures.concurrency),
    ),
)  # fmt: skip


def page() -> str:
    """The whole page. Raises ValueError when a docstring lacks a line."""
    parts = [HEAD]
    for section in SECTIONS:
        parts += [f"## {section.title}\n", f"{section.words}\n"]
        if section.title == "Service level":
            parts.append(_worked_day())
        parts += [_entry(key, definition(function)) for key, function in section.entries]
    parts.append(_measures())
    return "\n".join(parts)


def _entry(key: str, of: Definition) -> str:
    figure = next((each for name, each in FIGURES.items() if key in (name, name.partition(".")[0])), None)
    in_keys = f" In keys: `{figure.formula.removeprefix('p50 of ')}`." if figure else ""
    lines = [
        f"### {key}\n",
        f"**{of.title}**: {of.text}\n",
        f"- Formula: {of.formula}{in_keys}",
        f"- Unit: {of.unit}",
        f"- Leaves out: {of.leaves_out}",
        f"- Source: {of.source}",
        f"- Elsewhere: {of.elsewhere}",
    ]
    name = key.partition(".")[0]
    stem = {"clv": "lifetime_value"}.get(name, name.removesuffix("_rate"))
    called = (f"contact_center_{name}", f"contact_center_{name}_ratio", *(f"customer_{stem}{end}" for end in ENDS))
    metric = next((metric for metric in called if metric in METRICS), None)
    lines += [f"- Metric: `{metric}`."] if metric else []
    return "\n".join(lines) + "\n"


def _worked_day() -> str:
    day = {"answered": 1000, "in_threshold": 860, "abandoned": 60, "abandoned_in_threshold": 20, "short_abandoned": 10}
    cell = {CODES[name]: n for name, n in day.items()}
    lines = [
        f"A day of ICMI's ({', '.join(f'`{name}` {n}' for name, n in day.items())}, nothing flowed out):\n",
        "| variant | formula | that day |",
        "| --- | --- | --- |",
    ]
    for name, function in levels.VARIANTS.items():
        value = function(cell)
        assert value is not None
        formula = definition(function).formula.partition(";")[0].removesuffix(".").removesuffix(", the default")
        lines.append(f"| [`{name}`](#service_level{name}) | {formula} | {value:.2%} |")
    return "\n".join(lines) + "\n"


def _measures() -> str:
    lines = [
        "## Measures\n",
        "What the figures are made of, as integers. Names in `_ms` are sums of milliseconds.\n",
        "| measure | definition | stamped at |",
        "| --- | --- | --- |",
        *(f"| `{name}` | {of.what}. | {of.stamped_at} |" for name, of in MEASURES.items()),
        "",
        "## Time of agents\n",
        "Of `by=agent` and `by=team`, on live channels; a session open at the window's end counts up to there.\n",
        "| key | what |",
        "| --- | --- |",
        *(f"| `{name}` | {what}. |" for name, what in TIMES.items()),
        "",
        "## Live\n",
        "Counted at the instant of the answer; `null` in the past, since only the present is kept.\n",
        "| key | what |",
        "| --- | --- |",
        *(f"| `{name}` | {what}. |" for name, what in NOW.items()),
        "",
        HALF_HOURS,
    ]
    return "\n".join(lines) + "\n"
