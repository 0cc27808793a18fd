"""The figures of a file as tables: what was counted, the service level in all its variants, responses, first contacts.

A figure without anything to divide by is shown as a dash, never as 0.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from stream.cli.try_customers import several
from stream.core.figures.service_level import VARIANTS

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Iterator

    from rich.console import RenderableType

    from stream.cli.try_answers import Answers, Queue, Row
    from stream.cli.try_customers import Channels

NOTHING = "\N{EN DASH}"
WIDE = 116
HOW_COUNTED = "abandon rate: of answered and abandoned, without short abandons; p95 wait: of the answered, within 2 %"
MIXED = 6
"""Sets of channels that are named."""
WHO_COUNTS_SO = {
    "answered_only": "Asterisk's first, Wazo, Dynamics 365",
    "abandons_negative": 'Cisco "negative"; Genesys Cloud by its switches',
    "abandons_positive": 'Cisco "positive", Asterisk\'s second',
    "early_abandons_excluded": 'Cisco "ignored", XCALLY, Bright Pattern',
    "short_abandons_credited": "ICMI's fifth",
    "short_abandons_excluded": "Talkdesk; Genesys Cloud by its switches",
    "with_flowouts": "Genesys Cloud and Vonage, unless switched",
    "strict": "Centralino's own: what the queue threw out is a miss",
}
"""By variant, whose number it may be; docs/figures.md has the sources."""

_FORMULA = re.compile(r"Formula: ([^;]*?)(?:, the default)?[.;]\s")


def ratio(value: float | None) -> str:
    """A share in percent.

    >>> ratio(0.8333), ratio(1.0), ratio(None) == NOTHING
    ('83.3%', '100%', True)
    """
    return NOTHING if value is None else f"{value * 100:.1f}".removesuffix(".0") + "%"


def seconds(value: float | None) -> str:
    """A length, in the words of a clock from a minute on.

    >>> seconds(12.44), seconds(75), seconds(3725), seconds(172_800 + 3600), seconds(None) == NOTHING
    ('12.4 s', '1:15', '1:02:05', '2 d 1 h', True)
    """
    if value is None:
        return NOTHING
    if value < 60:
        return f"{value:.1f}".removesuffix(".0") + " s"
    if value >= 172_800:
        return f"{value // 86_400:.0f} d {value % 86_400 // 3600:.0f} h"
    minutes, rest = divmod(round(value), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def count(value: int | None) -> str:
    """A number of things."""
    return NOTHING if value is None else f"{value:,}"


def counted(answers: Answers, width: int) -> Table:
    """What came of each queue, and how long it took."""
    columns: list[tuple[str, Callable[[Row], str]]] = [
        ("offered", lambda row: count(row["offered"])),
        ("an-\nswered", lambda row: count(row["answered"])),
        ("aban-\ndoned", lambda row: count(row["abandoned"])),
        ("flowed\nout", lambda row: count(row["flowed_out"])),
        ("ASA", lambda row: seconds(row["asa_seconds"])),
        ("p95\nwait", lambda row: seconds((row["wait_quantile_seconds"] or {}).get("p95"))),
        ("abandon\nrate", lambda row: ratio(row["abandonment"])),
        ("handled", lambda row: count(row["handled"])),
        ("AHT", lambda row: seconds(row["aht_seconds"])),
    ]
    if width >= WIDE:
        columns[4:4] = [
            ("timed\nout", lambda row: count(row["timed_out"])),
            ("still\nwaiting", lambda row: count(row["waiting"])),
        ]
        columns.insert(-1, ("trans-\nferred", lambda row: count(row["transferred"])))
    table = _table("queue", *(name for name, _ in columns))
    worked = [row for row in answers.queues if row["offered"] or row["handled"] or row["declined"]]
    for label, row in _by_channel(answers, worked):
        table.add_row(label, *(cell(row) for _, cell in columns), style="bold" if "queue" not in row else "")
    return table


def unfinished(answers: Answers) -> str:
    """Who is in the table without an answer, an abandon or a flow-out; empty when nobody is."""
    timed_out = sum(row["timed_out"] for row in answers.queues)
    waiting = sum(row["waiting"] or 0 for row in answers.queues)
    parts = [f"{count(timed_out)} timed out: no word of their end for hours"] if timed_out else []
    parts += [f"{count(waiting)} still waiting where the file ends"] if waiting else []
    return "; ".join(parts)


def service_levels(answers: Answers, width: int) -> Iterator[RenderableType]:
    """Each queue's service level in all variants; the default one has a star. Nothing where nobody waited."""
    rows = [row for row in answers.queues if row["queue"] is not None and row["offered"]]
    if not rows:
        return
    wide = width >= WIDE
    names = [name.replace("_", "\n") if wide else str(number) for number, name in enumerate(VARIANTS, 1)]
    table = _table("queue", "in", *names)
    for label, row in _by_channel(answers, rows):
        name: Queue = (row["channel"], row.get("queue"))
        threshold, default = answers.thresholds_ms.get(name), answers.variants.get(name)
        cells = [f"{ratio(row['service_level'][each])}{'*' if each == default else ' '}" for each in VARIANTS]
        within = "" if threshold is None else seconds(threshold / 1000)
        table.add_row(label, within, *cells, style="bold" if "queue" not in row else "")
    yield table
    yield ""
    legend = Table(box=None, pad_edge=False, show_header=False, padding=(0, 1, 0, 0))
    for number, variant in enumerate(VARIANTS, 1):
        legend.add_row(*(() if wide else (str(number),)), variant, _formula(variant), WHO_COUNTS_SO[variant])
    yield legend
    yield Text(
        "A answered, A<= within the threshold; B abandoned, B<= within it; s short abandons; F flowed out; * default",
        "dim",
    )


def responses(answers: Answers) -> Table | None:
    """First responses, where threads have any."""
    rows = [row for row in answers.queues if row["first_response"] or (row["queue"] and row["closed_unanswered"])]
    if not rows:
        return None
    table = _table("queue", "in", "first\nresponses", "in\ntime", "response\nlevel", "mean", "closed\nunanswered")
    for row in rows:
        threshold = answers.thresholds_ms[row["channel"], row["queue"]] / 1000
        told = row["first_response"], row["first_response_in_threshold"]
        means = ratio(row["response_level"]), seconds(row["first_response_seconds"])
        table.add_row(_label(row), seconds(threshold), *map(count, told), *means, count(row["closed_unanswered"]))
    return table


def first_contacts(answers: Answers) -> Table:
    """First-contact resolution over all channels, by that of the first contact."""
    names = ("first\ncontacts", "repeated", "FCR so\nfar", "matured:\ncontacts", "FCR\nmatured", "without\ncustomer")
    table = _table("channel", *names)
    for row in [*answers.channels, answers.whole]:
        so_far, matured = (row["fcr"] or {}).get("provisional") or {}, (row["fcr"] or {}).get("matured") or {}
        table.add_row(
            row.get("channel", "all of them"),
            count(so_far.get("first_contacts")),
            count(so_far.get("repeated")),
            ratio(so_far.get("ratio")),
            count(matured.get("first_contacts")),
            ratio(matured.get("ratio")),
            count(so_far.get("unidentified")),
            style="" if "channel" in row else "bold",
        )
    return table


def on_channels(found: Counter[Channels]) -> str:
    """How many customers there are, and how many came on several channels.

    >>> from collections import Counter
    >>> on_channels(Counter({("phone",): 5, ("chat", "phone"): 2}))
    'known customers: 7; of them on several channels: 2 (chat + phone 2)'
    >>> on_channels(Counter({("email", "social"): 1, ("chat", "email"): 1}))
    'known customers: 2; of them on several channels: 2 (chat + email 1, email + social 1)'
    """
    most_first = sorted(found.items(), key=lambda each: (-each[1], each[0]))
    mixed = [(" + ".join(channels), number) for channels, number in most_first if len(channels) > 1]
    listed = ", ".join(f"{names} {count(number)}" for names, number in mixed[:MIXED])
    named = f" ({listed}{', …' if len(mixed) > MIXED else ''})" if mixed else ""
    return f"known customers: {count(found.total())}; of them on several channels: {count(several(found))}{named}"


def surveys(whole: Row) -> str:
    """What customers said; empty when nobody was asked."""
    said: dict[str, Any] = whole["customers"]
    csat, nps, ces = said["csat_answers"], said["nps_answers"], said["ces_answers"]
    parts = [f"CSAT {ratio(said['csat'])}, mean {said['csat_mean']:.2f} of 5 (answers: {count(csat)})"] if csat else []
    parts += [f"NPS {said['nps']:+.0f} (answers: {count(nps)})"] if nps else []
    parts += [f"CES {said['ces']:.2f} of 7 (answers: {count(ces)})"] if ces else []
    return " · ".join(parts)


def _by_channel(answers: Answers, queues: list[Row]) -> Iterator[tuple[str, Row]]:
    """The queues of each channel, and after several of them the channel."""
    for of_channel in answers.channels:
        rows = [row for row in queues if row["channel"] == of_channel["channel"]]
        yield from ((_label(row), row) for row in rows)
        if len(rows) > 1:
            yield f"{of_channel['channel']}, all", of_channel


def _label(row: Row) -> str:
    return f"{row['channel']} {NO_QUEUE if row['queue'] is None else row['queue']}"


NO_QUEUE = "(no queue)"


def _formula(name: str) -> str:
    found = _FORMULA.search(VARIANTS[name].__doc__ or "")
    return "" if found is None else found[1]


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 1, 0, 0))
    table.add_column(first, overflow="fold", min_width=10)
    for name in others:
        table.add_column(name, justify="right", no_wrap=True)
    return table
