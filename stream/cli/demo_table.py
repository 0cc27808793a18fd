"""The demo's table: queues as they are now, out of the service's API. A pure function of its answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from rich.console import Group
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import RenderableType

Row = dict[str, Any]
NARROW, WIDE = 70, 96
TARGET = 0.8


class Answers(NamedTuple):
    """What the service said: by channel and queue over the window, by channel over 7 days, and all in one."""

    queues: list[Row]
    channels: list[Row]
    whole: Row
    targets: dict[tuple[str, str], float]


class Heading(NamedTuple):
    """What stands around the table."""

    url: str
    window: str
    clock: str
    sent: int
    rate: float
    stale: str = ""
    busiest: str = ""


def table(answers: Answers, heading: Heading, width: int, height: int) -> RenderableType:
    """The whole screen. Columns that do not fit `width`, rows that do not fit `height` are left out.

    Rows go those first where nobody waits.
    """
    shown = Table(box=None, pad_edge=False, expand=width < NARROW, header_style="bold")
    shown.add_column("queue", no_wrap=True, overflow="ellipsis", min_width=10)
    columns = _columns(width)
    for name, _ in columns:
        shown.add_column(name, justify="right", no_wrap=True)
    fcr = {row["channel"]: _fcr(row) for row in answers.channels}
    queues = [row for row in answers.queues if row["queue"] is not None]
    room = max(1, height - 7 - bool(heading.busiest))
    rows = queues
    if len(queues) > room:
        kept = sorted(queues, key=lambda row: (-(row["waiting"] or 0), -row["offered"]))[: room - 1]
        rows = [row for row in queues if row in kept]
    for row in rows:
        target = answers.targets.get((row["channel"], row["queue"]), TARGET)
        told = {**row, "fcr": fcr.get(row["channel"]), "target": target}
        shown.add_row(f"{row['channel']} {row['queue']}", *(cell(told) for _, cell in columns))
    top = Text.assemble(("Centralino", "bold"), "  ", (heading.url, "cyan"), no_wrap=True, overflow="ellipsis")
    api = Text(
        f"{heading.url}/api/v1/kpis?window={heading.window}&by=channel,queue", "cyan", no_wrap=True, overflow="ellipsis"
    )
    parts: list[RenderableType] = [top, api, "", shown]
    if heading.busiest:
        parts.insert(2, Text(journey_of(heading), "cyan", no_wrap=True, overflow="ellipsis"))
    if len(rows) < len(queues):
        parts.append(Text(f"… and {len(queues) - len(rows)} more", "dim"))
    counted = f"{heading.sent:,} events, {heading.rate:.1f}/s"
    foot = f"{heading.clock} · {counted} · last {heading.window}, FCR 7d · Ctrl-C stops"
    parts += ["", Text(heading.stale or foot, "yellow" if heading.stale else "dim", no_wrap=True, overflow="ellipsis")]
    return Group(*parts)


def journey_of(heading: Heading) -> str:
    """What to write to see a customer's journey."""
    return f"centralino journey {heading.busiest} --url {heading.url}"


def line(answers: Answers, heading: Heading) -> str:
    """The same in one line, for logs."""
    row = answers.whole
    fcr = " ".join(f"{each['channel']} {_ratio(_fcr(each))}" for each in answers.channels if _fcr(each) is not None)
    return (
        f"{heading.clock} {heading.rate:.1f} events/s · "
        f"waiting {row['waiting'] or 0}, longest {_clock(row['longest_wait_ms'])} · "
        f"service level {_ratio(row['service_level_live'])} · ASA {_seconds(row['asa_seconds'])} · "
        f"AHT {_seconds(row['aht_seconds'])} · abandoned {_ratio(row['abandonment'])} · FCR {fcr or '-'}"
    )


def _columns(width: int) -> list[tuple[str, Callable[[Row], Text]]]:
    columns: list[tuple[str, Callable[[Row], Text]]] = [
        ("waiting" if width >= NARROW else "wait", _waiting),
        ("longest", lambda row: Text(_clock(row["longest_wait_ms"]))),
        ("live level" if width >= WIDE else "level", _level),
        ("ASA", lambda row: Text(_seconds(row["asa_seconds"]))),
    ]
    if width >= 58:
        columns.append(("AHT", lambda row: Text(_seconds(row["aht_seconds"]))))
        columns.append(("abandoned" if width >= WIDE else "aband", lambda row: Text(_ratio(row["abandonment"]))))
    if width >= NARROW:
        columns.append(("FCR", lambda row: Text(_ratio(row["fcr"]))))
    if width >= WIDE:
        columns.insert(0, ("offered", lambda row: Text(f"{row['offered']:,}")))
        columns.insert(1, ("answered", lambda row: Text(f"{row['answered']:,}")))
        columns.insert(
            -1, ("p95 wait", lambda row: Text(_seconds((row.get("wait_quantile_seconds") or {}).get("p95"))))
        )
    return columns


def _waiting(row: Row) -> Text:
    number = row["waiting"] or 0
    return Text(str(number), "red" if row["waiting_past_threshold"] else "" if number else "dim")


def _level(row: Row) -> Text:
    level = row["service_level_live"]
    if level is None:
        return Text("-", "dim")
    return Text(
        _ratio(level), "green" if level >= row["target"] else "yellow" if level >= row["target"] - 0.1 else "red"
    )


def _fcr(row: Row) -> float | None:
    ratio: float | None = ((row.get("fcr") or {}).get("provisional") or {}).get("ratio")
    return ratio


def _ratio(value: float | None) -> str:
    return "-" if value is None else f"{value:.0%}"


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f} s" if value < 60 else _clock(value * 1000)


def _clock(ms: float | None) -> str:
    if ms is None:
        return "-"
    minutes, seconds = divmod(int(ms) // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
