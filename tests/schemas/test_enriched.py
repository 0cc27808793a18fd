"""Enriched events are the input's own: each field that an input has is there, by itself."""

from __future__ import annotations

import pytest

from schemas import catalogue
from schemas.enriched import ENRICHED_TYPES, Closed, Enriched

INPUTS = {name: kind for name, kind in catalogue.TYPES["interaction"].items() if name != "interaction.forgotten"}


def test_there_is_one_for_each_event_that_a_source_may_send_and_one_for_the_end() -> None:
    assert list(ENRICHED_TYPES) == [*(f"enriched.{name}" for name in INPUTS), "enriched.interaction.closed"]
    assert ENRICHED_TYPES["enriched.interaction.closed"] is Closed
    assert {name: catalogue.wire_name(kind) for name, kind in ENRICHED_TYPES.items()} == dict(
        zip(ENRICHED_TYPES, ENRICHED_TYPES, strict=True)
    )


@pytest.mark.parametrize("name", INPUTS)
def test_it_has_all_that_the_input_has_and_what_we_add(name: str) -> None:
    enriched = ENRICHED_TYPES[f"enriched.{name}"]
    sent, told = (catalogue.fields_of(catalogue.data_of(kind)) for kind in (INPUTS[name], enriched))
    assert issubclass(enriched, Enriched)
    assert issubclass(catalogue.data_of(enriched), catalogue.data_of(INPUTS[name]))
    assert told[: len(sent)] == sent
    assert [(field.name, field.required) for field in told[len(sent) :]] == [
        ("segment", False), ("segment_queue", False), ("measures", True), ("sla", True), ("revision", True),
    ]  # fmt: skip
    envelope = {field.name for field in catalogue.fields_of(enriched) if field.required}
    assert envelope == {"id", "source", "subject", "origin", "specversion", "time", "revision", "data"}
    assert enriched.__doc__ == INPUTS[name].__doc__
