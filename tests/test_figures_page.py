"""docs/figures.md: fresh, and with an entry for everything that the API shows."""

from __future__ import annotations

import re

import msgspec
import pytest

from checks.figures_page import PAGE, SECTIONS, page
from stream.core.figures.cost import cost_row
from stream.core.figures.customer_row import center_row
from stream.core.figures.definition import LINES, definition
from stream.core.figures.explained import FIGURES
from stream.core.figures.measure_words import MEASURES, NOW, TIMES
from stream.core.figures.row import Live, interaction_row, segment_row
from stream.core.measures import CODES
from stream.core.rules import HOUR, QueueRules, Rules
from stream.core.scope import agent_scope
from stream.core.times.window import window
from stream.serve import agent_rows, live
from stream.state.snapshot import ShardId, Snapshot

ENTRIES = set(re.findall(r"^### (\S+)$|^\| `(\w+)` \|", page(), re.MULTILINE))
NAMES = {name for entry in ENTRIES for name in entry if name}


def test_the_page_is_what_the_docstrings_say():
    assert PAGE.read_text() == page(), "run `make docs-write`"


ROW = segment_row({}, Live()) | interaction_row({}, {}) | cost_row({}, {}, {}, by_queue=False)
OF_CUSTOMERS = ROW.pop("customers") | center_row({}, None)


@pytest.mark.parametrize("key", sorted(ROW | OF_CUSTOMERS))
def test_every_key_of_a_row_has_its_entry(key):
    assert key in NAMES | {"interactions"} or any(name.startswith(f"{key}.") for name in NAMES)


def test_every_key_of_live_rows_has_its_entry():
    rules = Rules(queues={("email", "care"): QueueRules(threshold_ms=HOUR)})
    (queue,) = live.queues(Snapshot(), rules, 0)
    threads = live.threads(Snapshot(), rules, window("1h"), ("channel", "queue"), 0, [1, 4])
    assert queue.keys() | threads[0].keys() <= NAMES | {"channel", "queue"}


def test_every_key_of_agents_rows_has_its_entry():
    snapshot, scope = Snapshot(), agent_scope("phone", inbound=True, agent_id="anna")
    total = msgspec.msgpack.encode(({CODES["handled"]: 1}, {}))
    cell = msgspec.msgpack.encode({CODES["handled"]: 1})
    snapshot.feed(ShardId("agents.timeline", 0), [], [(f"t|{scope}".encode(), total), (f"cf|0|{scope}".encode(), cell)])
    (row,) = agent_rows.rows(snapshot, Rules(), {}, window("1h"), ("agent", "team"), 0, "inbound", 0)
    assert row["handled"] == 1
    assert {*row, *row.pop("customers")} <= NAMES | {"agent", "team", "customers"}


def test_every_key_of_first_contacts_is_told():
    told = page().partition("## Outcomes")[2].partition("###")[0]
    for key in interaction_row({}, {})["fcr"]["provisional"]:
        assert f"`{key}`" in told


def test_every_figure_that_can_be_explained_has_its_entry():
    for figure in FIGURES.values():
        assert {figure.name, figure.key, figure.name.split(".")[0]} & NAMES, figure.key


def test_no_entry_is_of_something_that_is_not_there():
    shown = {key for section in SECTIONS for key, _ in section.entries}
    assert shown | set(MEASURES) | set(TIMES) | set(NOW) == NAMES


def test_the_day_of_the_book_has_the_percentages_of_the_book():
    day = dict(re.findall(r"^\| \[`(\w+)`\].* \| ([0-9.]+%) \|$", page(), re.MULTILINE))
    assert list(day.values())[:6] == ["86.00%", "81.13%", "83.02%", "82.69%", "82.08%", "81.90%"]


def test_a_docstring_that_lacks_a_line_is_refused():
    def half():
        """Half: a half.

        Unit: ratio.
        Source: ours.
        """

    with pytest.raises(ValueError, match="half: its docstring lacks Formula, Leaves out, Elsewhere"):
        definition(half)
    assert LINES[1] == "Unit"
