"""What the demo says below its table when it is being hurt. A pure function of what is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from rich.text import Text

if TYPE_CHECKING:
    from stream.cli.chaos_page import Compared

KEYS = {"k": "kill", "f": "freeze", "r": "store", "b": "broker", "d": "double"}
"""Key → kind of fault."""
OFFERED = "k kill worker · f freeze it · r restart store · b broker · d send twice · q quit"


class Known(NamedTuple):
    """Records by result, faults by kind, what the last one does; the last comparison, whether it is of now."""

    results: Mapping[str, int]
    faults: Mapping[str, int]
    now: str
    last: Compared | None
    in_step: bool
    behind: int
    footer: str


def lines(known: Known) -> list[Text]:
    """Five lines; a terminal cuts what does not fit."""
    texts = [(records(known), ""), (faults(known), ""), (known.now, ""), difference(known), (known.footer, "dim")]
    return [Text(text, style, no_wrap=True, overflow="ellipsis") for text, style in texts]


def one_line(known: Known) -> str:
    """The same, for logs."""
    return f"chaos: {records(known)} · {faults(known)} · {known.now} · {difference(known)[0]}"


def records(known: Known) -> str:
    """Records of interactions by what became of them."""
    applied, duplicates = (known.results.get(result, 0) for result in ("applied", "duplicate"))
    return f"records applied {applied:,} · duplicates dropped {duplicates:,}"


def faults(known: Known) -> str:
    """Faults so far, by kind."""
    return "faults so far: " + (", ".join(f"{kind} {number}" for kind, number in known.faults.items()) or "none")


def difference(known: Known) -> tuple[str, str]:
    """The line that must say 0, and its style."""
    last = known.last
    if last is None:
        return f"catching up, {known.behind:,} behind · not compared to a recount yet", "yellow"
    if last.difference:
        return f"difference to the recount: {last.difference:,} · {last.first}", "bold red"
    if not known.in_step:
        return f"catching up, {known.behind:,} behind · difference to the recount at {last.clock}: 0", "yellow"
    return f"difference to an independent recount: 0 · {last.figures} figures at {last.clock}", "green"
