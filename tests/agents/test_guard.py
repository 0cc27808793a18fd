"""Who is at fault: what the log says of it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from structlog.testing import capture_logs

from agents.books import Books
from agents.deadletters import Brake
from agents.guard import Bug, Guard


@pytest.mark.parametrize(("handling", "told"), [(7, 7), ("tel:+39061234", "an entity's silence")])
def test_a_bug_is_logged_with_its_offset_and_without_anybodys_name(handling: int | str, told: int | str) -> None:
    guard = Guard(cast("Any", None), cast("Brake", None), reject_future=False)
    books = cast("Books", SimpleNamespace(handling=handling))
    with capture_logs() as logged, pytest.raises(Bug) as raised:
        guard.step(books, lambda: 1 // 0)
    assert raised.value.culprit == handling
    assert [(each["event"], each["culprit"]) for each in logged] == [("bug", told)]
