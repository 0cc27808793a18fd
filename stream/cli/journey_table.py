"""A customer's journey as a table: a touchpoint a row, its three lanes side by side. A pure function of the body."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from rich.console import Group
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from rich.console import RenderableType

Row = dict[str, Any]
WIDE = 110
MARK = "! "
_WITHOUT_CENTS = frozenset({"CLP", "ISK", "JPY", "KRW", "PYG", "VND", "XAF", "XOF"})
_SPANS = ((86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1000, "s"))


def page(body: Row, width: int, zone: str, last: int) -> RenderableType:
    """The whole of it: who it is, the newest `last` touchpoints, what broke. Instants by the clock of `zone`."""
    shown = body["touchpoints"][-last:]
    wide = width >= WIDE
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("when", no_wrap=True)
    if wide:
        table.add_column("gap", justify="right", no_wrap=True)
        table.add_column("phase", no_wrap=True)
    table.add_column("did", ratio=3, overflow="fold")
    table.add_column("felt", ratio=3, overflow="fold")
    table.add_column("inside", ratio=4, overflow="fold")
    if wide:
        table.add_column("friction", ratio=3)
    table.expand = True
    gaps = {each["to_number"]: each["gap_ms"] for each in body["transitions"]}
    lanes = {lane: _by_number(entries) for lane, entries in body["lanes"].items()}
    previous = None
    for touch in shown:
        if previous is not None and touch["journey"] != previous:
            table.add_row(Text("a new journey", "dim"))
        previous = touch["journey"]
        table.add_row(*_cells(touch, gaps.get(touch["number"]), lanes, zone, wide=wide))
    left_out = body["total"] - len(shown)
    parts: list[RenderableType] = [*_head(body, zone), "", table]
    if left_out:
        parts.insert(-1, Text(f"… {left_out:,} earlier touchpoints; --last shows more", "dim"))
    return Group(*parts)


def _head(body: Row, zone: str) -> list[Text]:
    names = ", ".join(map(plain, body["segments"])) or "in no segment"
    who = Text.assemble((plain(body["customer_id"]), "bold"), "  ", names)
    if body["aliases"]:
        who.append(f"  also {', '.join(map(plain, body['aliases']))}", "dim")
    counted = (
        (body["total"], "touchpoint"), (len(body["journeys"]), "journey"), (len(body["friction"]), "friction point"),
    )  # fmt: skip
    told = ", ".join(f"{n:,} {name}{'s'[: n != 1]}" for n, name in counted)
    since = _when(body["first_known_at"], zone)[:10]
    return [who, Text(f"{told} since {since}; times of {zone}", "dim")]


def _cells(touch: Row, gap: int | None, lanes: dict[str, dict[int, list[Row]]], zone: str, *, wide: bool) -> list[Text]:
    when = Text(_when(touch["at"], zone))
    later = "" if gap is None else f"+{about(gap)}"
    phase = touch["phase"] or ""
    did = _did(touch, lanes["did"].get(touch["number"], []))
    felt = _lines([_felt(entry) for entry in lanes["felt"].get(touch["number"], [])])
    inside = _lines([_inside(entry, touch) for entry in lanes["inside"].get(touch["number"], [])])
    friction = _lines([Text(f"{MARK}{why.replace('_', ' ')}", "red") for why in touch["friction"]])
    if wide:
        return [when, Text(later, "dim"), Text(phase, "cyan"), did, felt, inside, friction]
    below = ", ".join(filter(None, (phase, later)))
    if below:
        when.append(f"\n{below}", "dim")
    if friction:
        did.append("\n").append_text(friction)
    return [when, did, felt, inside]


def _did(touch: Row, entries: list[Row]) -> Text:
    entry = entries[0] if entries else {}
    text = Text(plain(entry.get("told_touchpoint") or touch["touchpoint"]), "bold")
    if entry.get("order_id") is not None:
        text.append(f" {plain(entry['order_id'])}", "not bold")
        if entry["amount"] is not None:
            text.append(f", {money(entry['amount'], entry['currency'])}", "not bold")
        return text
    outcome = entry.get("told_outcome") or touch["outcome"]
    told = [] if outcome == "untold" else [plain(outcome).replace("_", " ")]
    if entry.get("direction") == "outbound":
        told.append("we reached out")
    if entry.get("reason"):
        told.append(f"about {plain(entry['reason'])}")
    return text.append(f" {', '.join(told)}" if told else "", "not bold")


def _felt(entry: Row) -> Text:
    style = "red" if entry["bad"] else "green"
    match entry["felt"]:
        case "complaint":
            public = "public " if entry["public"] else ""
            about = f": {plain(entry['about'])}" if entry["about"] else ""
            return Text(f"{public}complaint{about}", style)
        case "review":
            site = f" on {plain(entry['site'])}" if entry["site"] else ""
            return Text(f"review {entry['score']} of 5{site}", style)
    solved = {True: ", resolved", False: ", not resolved", None: ""}[entry["resolved"]]
    return Text(f"{entry['survey'].upper()} {entry['score']}{solved}", style)


def _inside(entry: Row, touch: Row) -> Text:
    told = [plain(entry["agent_id"])] if entry["agent_id"] else ["a bot"] if entry["bot"] else []
    if entry["wait_ms"] is not None:
        told.append(f"waited {span(entry['wait_ms'])}")
    if entry["handle_ms"]:
        told.append(f"work {span(entry['handle_ms'])}")
    if entry["transferred"]:
        told.append(f"{entry['transferred']} transfer{'s'[: entry['transferred'] != 1]}")
    if entry["reopened_at"]:
        told.append(f"reopened {len(entry['reopened_at'])}x")
    told.append(_first_contact(touch["first_contact"]))
    return Text(", ".join(filter(None, told)))


def _first_contact(state: Row | None) -> str:
    if state is None:
        return ""
    if not state["first"]:
        return f"repeat of {state['repeat_of']['channel']} {plain(state['repeat_of']['id'])}"
    stands = "resolved" if state["resolved"] else "came back" if state["repeated"] else "not resolved"
    return f"first contact, {stands}{' so far' if state['stage'] == 'provisional' else ''}"


def _by_number(entries: list[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for entry in entries:
        found.setdefault(entry["number"], []).append(entry)
    return found


def _lines(texts: list[Text]) -> Text:
    return Text("\n").join(texts)


def _when(at: str, zone: str) -> str:
    return f"{datetime.fromisoformat(at).astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def span(ms: int) -> str:
    """A length, in its two largest units.

    >>> span(90_000), span(93_600_000), span(400), span(3_600_000)
    ('1 min 30 s', '1 d 2 h', '0 s', '1 h')
    """
    first = next((n for n, (unit, _) in enumerate(_SPANS) if ms >= unit), len(_SPANS) - 1)
    told: list[str] = []
    for unit, name in _SPANS[first : first + 2]:
        count, ms = divmod(ms, unit)
        if count or not told:
            told.append(f"{count} {name}")
    return " ".join(told)


def about(ms: int) -> str:
    """A length, to its largest unit.

    >>> about(3_295_000), about(79_020_000), about(85_000_000_000), about(0)
    ('55 min', '22 h', '984 d', '0 s')
    """
    unit, name = next((each for each in _SPANS if ms >= each[0]), _SPANS[-1])
    return f"{round(ms / unit):,} {name}"


def money(amount: int, currency: str) -> str:
    """An amount in minor units.

    >>> money(123_456, "EUR"), money(900, "JPY"), money(-5, "USD")
    ('1,234.56 EUR', '900 JPY', '-0.05 USD')
    """
    return f"{amount:,} {plain(currency)}" if currency in _WITHOUT_CENTS else f"{amount / 100:,.2f} {plain(currency)}"


def plain(text: str) -> str:
    r"""What sources wrote, with everything that a terminal would act on made visible.

    >>> plain("a\x1b[31m"), plain("più")
    ('a\\x1b[31m', 'più')
    """
    return "".join(each if each.isprintable() else f"\\x{ord(each):02x}" for each in text)
