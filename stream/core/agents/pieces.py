"""The pieces that agents are stored in, for the kernel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from schemas.events import Parted
from stream.core.agents import part as parts
from stream.core.agents.state import Agent
from stream.core.agents.told import PIECES


class AgentPieces:
    """See `stage.Pieces`, and `told`."""

    always = PIECES

    def complete(self, state: Agent, blobs: Sequence[bytes | None]) -> None:
        """See `told`."""
        state.complete(list(blobs))

    def lacks(self, state: Agent, event: Any) -> list[int]:
        """Pages of the past on which an earlier version of a part may lie."""
        if not isinstance(event, Parted) or event.data.channel in state.levels.lanes:
            return []
        key = parts.key_of(event.data)
        if key in state.told.parts:
            return []
        return [PIECES + number for number in state.told.past.lacks(key)]

    def bring(self, state: Agent, piece: int, blob: bytes) -> None:
        """A page of the past."""
        state.told.past.bring(piece - PIECES, blob)

    def changed(self, state: Agent) -> dict[int, bytes | None]:
        """See `told`."""
        return state.told.rest()

    def follow(self, state: Agent, before: Agent) -> None:
        """See `told`."""
        state.told.follow(before.told)

    def stored(self, state: Agent) -> list[int]:
        """See `told`."""
        return state.told.stored()

    def length(self, state: Agent) -> int:
        """See `told`."""
        return state.told.length
