"""Whether what we show is of now. Quiet is not blind: without any reason here, no events means that none happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stream.serve.view import View

REASONS = ("store", "broker", "behind", "silent")
STORE_SECONDS = 10.0


class Freshness:
    """Why the input of a view is stale."""

    def __init__(self, view: View) -> None:
        self._view = view

    def reasons(self) -> tuple[str, ...]:
        """Of REASONS those that hold now, in their order; empty while all is fresh."""
        age = self._view.reader.age_seconds
        return ("store",) if age is None or age > STORE_SECONDS else ()
