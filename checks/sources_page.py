"""docs/sources.md, written from what each platform's table says, and from what its examples give."""

from __future__ import annotations

import importlib
import importlib.util
import re
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from schemas.sources.about import About, Lack, Row
from schemas.sources.conversion import Vendor
from schemas.sources.vendors import VENDORS
from tests.schemas.payloads import files

PAGE = Path(__file__).parents[1] / "docs" / "sources.md"

HEAD = """\
# Platforms

<!-- Written from schemas/sources/tables/ and schemas/examples/sources.*/ by `make docs-write`; not by hand. -->

Whose own events we take, as they send them, and what becomes of each. Example payloads, with the events that they give,
are in `schemas/examples/sources.<vendor>/`; why it is as it is, in [decisions](decisions/sources.md).

## Ways in

What comes live goes through the topic `sources.<vendor>`, byte for byte as the platform sent it. From there the
worker's processor `intake-<vendor>` sends our events to the input topics ([events](events.md)); `replay` sends them
there itself.
"""

AFTER_WAYS = """\
What is at fault goes to the `dead-letters` as it came, with the reason. A kind of payload that nobody knows is skipped
and counted, since platforms add kinds at any time; the worker's log names each once. What comes twice, by two ways, or
late, counts once. What its queues and agents are called with us, and who may send, is said in `[sources.<vendor>]`
([settings](settings.md)).
"""

WAYS = (
    (
        "`POST /in/<vendor>` of `centralino serve`",
        (
            "platforms that call a URL. The signature is checked, and answered is what Kafka has acknowledged "
            "([security](security.md), [why so](decisions/webhooks.md))"
        ),
    ),
    (
        "the topic itself",
        (
            "whoever has a connector: EventBridge, Kinesis, a shipper of logs. The value is the payload, or a JSON "
            "list of some; the key may be any, but lines of one Asterisk go under one key: its host"
        ),
    ),
    ("`centralino tail queue_log FILE --state FILE`", "Asterisk: follows the log, over rotations and restarts"),
    (
        "`centralino replay --source VENDOR FILE`",
        (
            "history: exports, logs, payloads that were kept. What was told live counts once all the same. Agents' "
            "figures take parts in any order within three days: of a small center's long history send a few days at a "
            "time, and let the worker count them in between (`try` does so)"
        ),
    ),
    ("`centralino convert --source VENDOR FILE`", "looking: prints the events of a file, and sends nothing"),
    ("`centralino try FILE`", "looking: a file's figures on this machine, without Kafka, Redis or Docker"),
    (
        "`--map TABLE.toml` of these three",
        "any other system: a table says which column is which field ([mapping](mapping.md))",
    ),
)
NOTHING = "-"

AT_A_GLANCE = """\
## At a glance

What a platform tells, as its examples show it. What it does not tell is never guessed: the part of each below says
which figures lack for it.
"""


class Shown(NamedTuple):
    """What the examples of a platform give: types by wire name, and the fields of their `data` by type."""

    types: set[str]
    fields: dict[str, set[str]]

    def has(self, event_type: str, *fields: str) -> bool:
        """Whether there is such an event, with all these fields."""
        return event_type in self.types and set(fields) <= self.fields[event_type]


def page() -> str:
    """The whole page."""
    vendors = [(vendor, about(vendor)) for vendor in VENDORS.values()]
    known = [(vendor, told) for vendor, told in vendors if told is not None]
    ways = ["| way | for |", "| --- | --- |", *(f"| {way} | {what} |" for way, what in WAYS)]
    lines = [HEAD, *ways, "", AFTER_WAYS, AT_A_GLANCE, *_matrix([vendor for vendor, _ in known])]
    for vendor, told in known:
        lines += ["", *_part(vendor, told)]
    return "\n".join(lines) + "\n"


def about(vendor: Vendor) -> About | None:
    """The platform's table; None when it has none."""
    name = f"schemas.sources.tables.{vendor.name}"
    if importlib.util.find_spec(name) is None:
        return None
    told = importlib.import_module(name).ABOUT
    assert isinstance(told, About)
    return told


def shown(vendor: Vendor) -> Shown:
    """What the platform's examples give."""
    found = Shown(set(), {})
    for file in files(vendor):
        for line in file.golden.read_bytes().splitlines() if file.golden.exists() else ():
            event: dict[str, Any] = msgspec.json.decode(line)
            found.types.add(event["type"])
            told = {name for name, value in event["data"].items() if value is not None}
            found.fields.setdefault(event["type"], set()).update(told)
    return found


def _matrix(vendors: list[Vendor]) -> list[str]:
    titles = [f"[{vendor.title}](#{_anchor(vendor.title)})" for vendor in vendors]
    told = [shown(vendor) for vendor in vendors]
    return [
        f"| | {' | '.join(titles)} |",
        f"| --- |{' --- |' * len(vendors)}",
        *(f"| {what} | {' | '.join(map(says, told))} |" for what, says in GLANCE),
    ]


def _part(vendor: Vendor, told: About) -> list[str]:
    return [
        f"## {vendor.title}",
        "",
        *(f"- {way}" for way in told.ways),
        "",
        f"**Identity.** {told.identity}",
        "",
        f"**Guarantees.** {told.guarantees}",
        "",
        *_table(("it tells", "becomes", "when, or but"), told.types),
        "",
        *_table(("its field", "ours", "when, or but"), told.fields),
        "",
        "| it cannot tell | figures that lack | why |",
        "| --- | --- | --- |",
        *map(_lack, told.lacks),
    ]


def _table(heads: tuple[str, str, str], rows: tuple[Row, ...]) -> list[str]:
    return [
        f"| {' | '.join(heads)} |",
        "| --- | --- | --- |",
        *(f"| {_code(row.told)} | {_code(row.becomes)} | {_cell(row.note)} |" for row in rows),
    ]


def _lack(lack: Lack) -> str:
    return f"| {_cell(lack.what)} | {', '.join(f'`{each}`' for each in lack.figures)} | {_cell(lack.why)} |"


def _code(told: str) -> str:
    """Names between backquotes; not words, nor what has backquotes of its own."""
    if "`" in told or told == "nothing":
        return _cell(told)
    return ", ".join(_cell(each) if " " in each else f"`{_cell(each)}`" for each in told.split(", "))


def _cell(told: str) -> str:
    return told.replace("|", "\\|")


def _anchor(title: str) -> str:
    return re.sub(r"[^\w-]", "", title.lower().replace(" ", "-"))


def _yes(event_type: str, *fields: str) -> Any:
    return lambda told: "yes" if told.has(event_type, *fields) else NOTHING


def _holds(told: Shown) -> str:
    if told.has("interaction.held"):
        return "one by one"
    return "in total" if told.has("interaction.ended", "hold_ms") else NOTHING


def _wrap_up(told: Shown) -> str:
    if told.has("interaction.wrapped_up", "handle_ms"):
        return "yes, and handle time"
    return "yes" if told.has("interaction.wrapped_up") else NOTHING


def _customer(told: Shown) -> str:
    if not any("customer_id" in fields for fields in told.fields.values()):
        return NOTHING
    return "yes, and aliases" if told.has("customer.identified") else "yes"


GLANCE = (
    ("customer", _customer),
    ("queues", _yes("interaction.queued", "queue")),
    ("ringing", _yes("interaction.offered")),
    ("offers not taken", _yes("interaction.declined")),
    ("answered", _yes("interaction.answered")),
    ("holds", _holds),
    ("wrap-up", _wrap_up),
    ("transfers", _yes("interaction.transferred")),
    ("abandoned", _yes("interaction.abandoned")),
    ("flowed out", _yes("interaction.flowed_out")),
    ("messages", _yes("interaction.message")),
    ("whether resolved", _yes("interaction.ended", "resolved")),
    ("reopened", _yes("interaction.reopened")),
    ("agents' presence", _yes("agent.state_changed")),
    ("surveys", _yes("customer.survey_answered")),
)
