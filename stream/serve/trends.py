"""Where figures of customers go: each in a window, in the windows of as many days before it, and whether it declines.

A window here is of whole days. First contacts are compared where they are mature, too: those of the latest window had
no time yet to be followed by a repeat, so that provisional figures look better than those before them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from schemas.events import CHANNELS
from stream.core.figures.trend import FCR, IN_A_ROW, OF_CENTER, OF_CHANNELS, REPEAT_RATE, Trended, declining
from stream.core.measures import Cell, add
from stream.core.rules import DAY
from stream.core.scope import place
from stream.core.times.window import Span, Window, earlier, kept, matured_span, span
from stream.serve import customers
from stream.serve.past import text

if TYPE_CHECKING:
    from stream.core.rules import Rules
    from stream.state.snapshot import Snapshot


class Cells(NamedTuple):
    """What was counted in the window and in those before it, the latest first; None: not kept any more."""

    windows: list[Cell | None]
    matured: list[Cell | None]


def is_of_days(of: Window) -> bool:
    """Whether trends can be told of a window."""
    return of.width_ms is not None and of.width_ms % DAY == 0


def spans(of: Window, at_ms: int, rules: Rules, stream_time: int | None) -> tuple[list[Span | None], list[Span | None]]:
    """The window and those before it, and the same moved back by the repeat window. Raises NotKept."""
    days = Window(of.name, "d", of.width_ms)
    latest = span(days, at_ms, rules.zone, stream_time)
    mature = matured_span(days, at_ms, rules.zone, rules.repeat_window_ms)
    assert mature is not None

    def with_those_before(of: Span) -> list[Span | None]:
        found = [of, *earlier(of, IN_A_ROW, rules.zone)]
        return [each if stream_time is None or kept("d", each.first, stream_time) else None for each in found]

    return with_those_before(latest), with_those_before(mature)


def rows(snapshot: Snapshot, rules: Rules, window: Window, by: tuple[str, ...], at_ms: int) -> list[dict[str, Any]]:
    """One row, or one per channel. Raises NotKept."""
    found = spans(window, at_ms, rules, snapshot.stream_time)
    scopes = {scope: at for scope in snapshot.scopes() if (at := place(scope)).whole and at.summed and at.inbound}
    answer = []
    for channel in CHANNELS if by else (None,):
        own = [scope for scope, at in scopes.items() if channel in (None, at.channel)]
        cells = Cells(*([_cell(snapshot, rules, own, of, center=not by) for of in several] for several in found))
        row: dict[str, Any] = {"channel": channel} if by else {}
        row |= {"window": window.name, "at": text(at_ms)}
        answer.append(row | {"figures": figures(cells, center=not by)})
    return answer


def _cell(snapshot: Snapshot, rules: Rules, scopes: list[str], of: Span | None, *, center: bool) -> Cell | None:
    if of is None:
        return None
    cell: Cell = {}
    for scope in scopes:
        add(cell, snapshot.cell(scope, of, rules.zone))
    if center:
        add(cell, customers.of_window(snapshot, rules, of, of.last * 1000))
    return cell


def figures(cells: Cells, *, center: bool) -> dict[str, Any]:
    """All figures by their keys; `center`: also those that only all channels together have."""
    row = {
        "fcr": {"provisional": trend(FCR, cells.windows), "matured": trend(FCR, cells.matured)},
        "repeat_rate": {"provisional": trend(REPEAT_RATE, cells.windows), "matured": trend(REPEAT_RATE, cells.matured)},
    }
    followed = (*OF_CHANNELS, *OF_CENTER) if center else OF_CHANNELS
    return row | {figure.key: trend(figure, cells.windows) for figure in followed}


def trend(figure: Trended, cells: list[Cell | None]) -> dict[str, Any]:
    """A figure in the latest window, against the one before."""
    found = [None if cell is None else figure.estimate(cell) for cell in cells]
    now, before = found[0], found[1]
    return {
        "value": None if now is None else now.value,
        "n": 0 if now is None else now.n,
        "low": None if now is None else now.low,
        "high": None if now is None else now.high,
        "previous": None if before is None else before.value,
        "previous_n": 0 if before is None else before.n,
        "change": None if now is None or before is None else now.value - before.value,
        "better": "higher" if figure.higher else "lower",
        "declining": declining(found, higher=figure.higher),
    }
