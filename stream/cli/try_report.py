"""What `centralino try` prints of a file: what is in it, the figures, what could not be mapped or told."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from stream.cli import try_figures as figures
from stream.cli.console import out
from stream.cli.try_reading import UNKNOWN

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator
    from pathlib import Path

    from rich.console import RenderableType

    from schemas.sources.about import About
    from stream.cli.try_answers import Answers
    from stream.cli.try_customers import Channels
    from stream.cli.try_reading import Lost, Tally

LISTED = 12
NOT_COUNTED = {
    "anomaly.expired": "they happen before all that is kept",
    "anomaly.too_many": "one interaction, or one customer, has thousands of them",
}
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[A-Z]{2}[0-9a-f]{32}|\d{5,}", re.IGNORECASE)
_UNITS = ((86_400_000, "days"), (3_600_000, "hours"), (60_000, "minutes"))
_TOPICS = (("interactions.", ""), ("agents.", "agents' "), ("customers.", "customers' "))


class Report(NamedTuple):
    """All that is told. `file`, `title`: what was read, and whose it is; `records`: what became of the events, by
    kind; `about`: of the platform, None where there is no such thing.
    """

    file: Path
    title: str
    zone: str
    tally: Tally
    answers: Answers
    customers: Counter[Channels]
    records: Counter[str]
    about: About | None


def show(report: Report) -> None:
    """Prints it all."""
    for part in parts(report, out.width):
        out.print(part, soft_wrap=isinstance(part, str))


def show_unmapped(file: Path, title: str, tally: Tally) -> None:
    """Prints what there is to say of a file of which nothing came."""
    out.print(Text(f"{file}: {title}", "bold"))
    out.print(f"{tally.payloads:,} payloads, none gave an event")
    for part in _unmapped(file, tally):
        out.print(part, soft_wrap=isinstance(part, str))


def parts(report: Report, width: int) -> Iterator[RenderableType]:
    """What is printed, in its order."""
    tally, answers = report.tally, report.answers
    yield from _heading(report)
    if answers.queues:
        part = "the end of the file" if tally.before(answers.since_ms) else "all of the file"
        yield from _chapter(f"Counted: {part} (window {answers.window})")
        yield figures.counted(answers, width)
        yield Text(figures.HOW_COUNTED, "dim")
        yield from _nameless(report)
        if unfinished := figures.unfinished(answers):
            yield Text(unfinished, "dim")
        levels = list(figures.service_levels(answers, width))
        if levels:
            yield from _chapter("Service level, by eight formulas: one of them is your platform's")
            yield from levels
        responses = figures.responses(answers)
        if responses is not None and not _silent(report.about):
            yield from _chapter("Responses")
            yield responses
    yield from _chapter("First-contact resolution, over all channels")
    yield figures.first_contacts(answers)
    yield Text(figures.on_channels(report.customers))
    yield Text(_maturity(report), "dim")
    if said := figures.surveys(answers.whole):
        yield Text(said)
    yield from _unmapped(report.file, tally)
    yield from _not_counted(report.records)
    yield from _lacks(report.about)


def where(url: str, answers: Answers, of_the_board: str) -> Iterator[str]:
    """Lines that say where there is more to see; the wallboard's figures are over a window of its own."""
    yield ""
    yield f"wallboard  {url}/  as it was when the file ends, over {of_the_board}"
    yield f"API        {url}/api/v1/kpis?window={answers.window}&by=channel,queue"
    busiest = max(answers.queues, key=lambda row: (row["offered"], row["handled"]), default=None)
    if busiest is not None:
        asked = {"figure": "service_level" if busiest["offered"] else "aht", "window": answers.window}
        asked |= {"channel": busiest["channel"], "queue": busiest["queue"] or ""}
        yield f"explained  {url}/explain?{urlencode(asked)}"


def _heading(report: Report) -> Iterator[RenderableType]:
    tally, answers = report.tally, report.answers
    yield ""
    yield Text(f"{report.file}: {report.title}", "bold")
    if tally.first_at is not None and tally.last_at is not None:
        length = _length(tally.last_at - tally.first_at)
        yield Text(f"{_at(tally.first_at, report.zone)} to {_at(tally.last_at, report.zone)} ({report.zone}), {length}")
    topics = ", ".join(f"{_topic(topic)} {number:,}" for topic, number in tally.topics.most_common())
    yield Text(f"{tally.payloads:,} payloads gave {tally.events:,} events: {topics}")
    before = tally.before(answers.since_ms)
    if before:
        since = _at(answers.since_ms, report.zone)
        yield Text(f"{before:,} events lie before {since}, and are in none of the figures below", "yellow")


def is_id(queue: str) -> bool:
    """Whether a queue's name is one of a platform's ids.

    >>> is_id("3600101"), is_id("WQ" + "0" * 32), is_id("support"), is_id("600")
    (True, True, False, False)
    """
    return _ID.fullmatch(queue) is not None


def _nameless(report: Report) -> Iterator[RenderableType]:
    """How to give queues a name that the platform tells by id only."""
    nameless = [queue for row in report.answers.queues if is_id(queue := row["queue"] or "")]
    if nameless and report.about is not None:
        said = f'[sources.{report.about.vendor}] queues = {{ "{nameless[0]}" = "support" }}'
        yield Text(f"queues are told by id here; names for them in centralino.toml: {said}", "dim")


def _maturity(report: Report) -> str:
    matured = (report.answers.whole["fcr"] or {}).get("matured") or {}
    none_yet = "" if matured.get("first_contacts") else ", as of none here"
    return (
        "so far: resolved until it is repeated, on any channel; matured: of first contacts whose repeat window was over"
        f" where the file ends{none_yet}"
    )


def _unmapped(file: Path, tally: Tally) -> Iterator[RenderableType]:
    lost = sorted(tally.lost.items(), key=lambda each: (-each[1].number, each[0]))
    if not lost:
        return
    number = sum(each.number for _, each in lost)
    yield from _chapter(f"Not mapped: {number:,} of {tally.payloads:,} payloads")
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    table.add_column("why", overflow="fold", ratio=3)
    table.add_column("how many", justify="right", no_wrap=True)
    table.add_column("where", overflow="fold", ratio=2)
    for (reason, kind), each in lost[:LISTED]:
        table.add_row(Text(_plain(_why(reason, kind, each))), f"{each.number:,}", Text(_plain(_places(file, each))))
    yield table
    if len(lost) > LISTED:
        rest = sum(each.number for _, each in lost[LISTED:])
        yield Text(f"and {rest:,} for {len(lost) - LISTED} more reasons or kinds", "dim")
    if any(reason == UNKNOWN for reason, _ in tally.lost):
        yield Text("unknown kinds are of no matter to the figures, as far as we know (docs/sources.md)", "dim")


def _why(reason: str, kind: str, lost: Lost) -> str:
    return f"{reason}: {lost.detail or kind}"


def _places(file: Path, lost: Lost) -> str:
    places = ", ".join(each.replace(str(file), file.name, 1) for each in lost.places)
    return places + (", …" if lost.number > len(lost.places) else "")


def _not_counted(records: Counter[str]) -> Iterator[RenderableType]:
    """What the worker did not count of the events."""
    for kind, number in sorted(records.items()):
        if kind.startswith("rejected."):
            yield Text(f"{number:,} events were rejected when they were counted: {kind.partition('.')[2]}", "yellow")
        elif kind in NOT_COUNTED:
            yield Text(f"{number:,} events were not counted: {NOT_COUNTED[kind]}", "yellow")


def _lacks(about: About | None) -> Iterator[RenderableType]:
    if about is None or not about.lacks:
        return
    yield from _chapter("What this platform does not tell")
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    table.add_column("what", overflow="fold", ratio=2)
    table.add_column("so these are missing", overflow="fold", ratio=2)
    table.add_column("why", overflow="fold", ratio=3)
    for lack in about.lacks:
        table.add_row(Text(lack.what), Text(", ".join(lack.figures) or figures.NOTHING), Text(lack.why))
    yield table


def _silent(about: About | None) -> bool:
    """Whether the platform tells no messages: nobody answered, as it were."""
    return about is not None and any("first_response" in lack.figures for lack in about.lacks)


def _chapter(title: str) -> Iterator[RenderableType]:
    yield ""
    yield Rule(Text(title, "bold"), align="left", style="dim", characters="─")


def _length(ms: int) -> str:
    unit_ms, name = next((each for each in _UNITS if ms >= 2 * each[0]), _UNITS[-1])
    return f"{ms / unit_ms:.1f}".removesuffix(".0") + f" {name}"


def _topic(name: str) -> str:
    for prefix, words in _TOPICS:
        if name.startswith(prefix):
            return words + name.removeprefix(prefix)
    return name


def _at(at_ms: int, zone: str) -> str:
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def _plain(text: str) -> str:
    """One line, whatever the payload had in it that a terminal would act on."""
    return "".join(each if each.isprintable() else f"\\x{ord(each):02x}" for each in text)
