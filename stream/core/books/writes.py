"""What one commit of a shard changes, as flat lists of arguments: the ledger fills them, the store takes them."""

from __future__ import annotations

from dataclasses import dataclass, field

Part = str | bytes | int


@dataclass(slots=True)
class Writes:
    """Names and values alternate, instants (ms of stream time) and names too; `…_gone` are names alone.

    `counts` is packed, `stream_time` in ms.
    """

    stream_time: int = 0
    counts: bytes = b""
    states: list[Part] = field(default_factory=list)
    states_gone: list[Part] = field(default_factory=list)
    fields: list[Part] = field(default_factory=list)
    fields_gone: list[Part] = field(default_factory=list)
    due: list[Part] = field(default_factory=list)
    due_gone: list[Part] = field(default_factory=list)
    expiry: list[Part] = field(default_factory=list)
    expiry_gone: list[Part] = field(default_factory=list)
