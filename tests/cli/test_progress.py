"""What is said of how far a long command is, where there is no terminal."""

from __future__ import annotations

import pytest

from stream.cli import progress
from stream.cli.progress import Meter


def test_what_is_done_has_no_time_left(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(progress, "PLAIN_SECONDS", 0.0)
    meter = Meter("counting", 200, None)
    meter.records = 2000
    meter.show(50)
    meter.show(200)
    first, last = capsys.readouterr().err.splitlines()
    assert first.startswith("counting: 25%, 2,000 records, ")
    assert first.endswith(" s left")
    assert last == "counting: 100%, 2,000 records, finishing"
