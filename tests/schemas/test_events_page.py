"""The reference page of events is the one that the event types write."""

from __future__ import annotations

from checks.events_page import PAGE, page
from schemas import catalogue


def test_the_page_is_what_the_types_say() -> None:
    assert PAGE.read_text() == page(), "run `make docs-write`"


def test_every_type_is_on_the_page_with_a_meaning() -> None:
    for name, event_type in catalogue.INPUT_TYPES.items():
        assert event_type.__doc__
        assert f"| `{name}` | " in page()
