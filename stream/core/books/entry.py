"""An entity in a ledger's memory, beside what the store knows of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from stream.core.books.writes import Writes
    from stream.core.stage import Output, Stage, View

_encode = msgspec.msgpack.Encoder().encode
PIECE = b"\xff"
Field = str | bytes
"""Where an entity is stored, by its name, or a piece of one."""


def field(name: str, piece: int) -> bytes:
    r"""Where a piece of an entity is stored. No name ends so, since names are UTF-8.

    >>> field("anna", 3), named(field("anna", 3))
    (b'anna\xff3', ('anna', 3))
    """
    return name.encode() + PIECE + b"%d" % piece


def named(stored_in: bytes) -> tuple[str, int]:
    """The entity and the piece that a field is of."""
    name, _, piece = stored_in.rpartition(PIECE)
    return name.decode(), int(piece)


class Entry:
    """`due`, `keep`: those of `state` unless `stale`; neither is before `quiet_until`.

    `due_at`, `expiry_at`: what is stored, or something earlier. `time`, `offset`: of the event applied last since the
    last commit, None and -1 when silence alone has changed it.
    """

    __slots__ = ("due", "due_at", "expiry_at", "keep", "offset", "quiet_until", "stale", "state", "time", "view")

    def __init__(self, state: Any) -> None:
        self.state = state
        self.stale = True
        self.quiet_until = 0
        self.due: int | None = None
        self.keep = 0
        self.due_at: int | None = None
        self.expiry_at: int | None = None
        self.view: View | None = None
        self.time: datetime | None = None
        self.offset = -1

    @classmethod
    def stored(cls, stage: Stage, name: str, blob: bytes, pieces: Sequence[bytes | None]) -> Entry:
        """The entity as the store has it."""
        entry = cls(stage.load(name, blob))
        if stage.pieces is not None:
            stage.pieces.complete(entry.state, pieces)
        entry.refresh(stage)
        entry.due_at, entry.expiry_at = entry.due, entry.keep
        entry.view = stage.view(entry.state)
        return entry

    def refresh(self, stage: Stage) -> None:
        """Ask the stage again, after the state has changed."""
        self.due, self.keep, self.stale = stage.due_at(self.state), stage.keep_until(self.state), False

    def outputs(self, stage: Stage) -> list[Output]:
        """What downstream must hear of what this commit has changed."""
        sent = stage.outputs(self.state, self.time, self.offset)
        self.time, self.offset = None, -1
        return sent

    def renew(self, stage: Stage, name: str) -> None:
        """Another state under the same name: the old one is past its keep."""
        before, self.state, self.stale = self.state, stage.new(name), True
        if stage.pieces is not None:
            stage.pieces.follow(self.state, before)

    def write(self, out: Writes, stage: Stage, name: str, look_at: int, *, listed: bool) -> None:
        """All that changed. `look_at`: when to look first whether it may be pruned, though it may have a longer keep.

        So most entities need one such instant in their life, closed or not. `listed`: the store has it among the due,
        whatever `due_at` says.
        """
        if self.stale:
            self.refresh(stage)
        out.states += (name, stage.dump(self.state))
        if stage.pieces is not None:
            for piece, blob in stage.pieces.changed(self.state).items():
                if blob is None:
                    out.states_gone.append(field(name, piece))
                else:
                    out.states += (field(name, piece), blob)
        self.write_due(out, name, listed=listed)
        if self.expiry_at is None or self.keep < self.expiry_at:
            self.write_expiry(out, name, min(self.keep, look_at))
        self.write_view(out, name, stage.view(self.state))

    def write_due(self, out: Writes, name: str, *, listed: bool) -> None:
        """The due instant: at once when earlier than the stored one, or gone; a later one is seen when reached."""
        if self.due is None:
            if self.due_at is not None or listed:
                out.due_gone.append(name)
        elif self.due_at is None or listed or self.due < self.due_at:
            out.due += (self.due, name)
        else:
            return
        self.due_at = self.due

    def write_expiry(self, out: Writes, name: str, at: int) -> None:
        """The instant at which to look whether it may be pruned."""
        self.expiry_at = at
        out.expiry += (at, "s" + name)

    def write_view(self, out: Writes, name: str, view: View | None) -> None:
        """What readers see of it."""
        if view == self.view:
            return
        field = "w" + name
        if view is None:
            out.fields_gone.append(field)
        else:
            out.fields += (field, _encode(view))
        self.view = view
