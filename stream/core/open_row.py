"""What readers see of an interaction that is not over. Decoded by its types, so never compiled."""

from __future__ import annotations

from typing import NamedTuple


class Open(NamedTuple):
    """What readers see of an interaction that is not over. Instants in ms; a row is stored, so only append fields.

    `scope`: of the queue that it waits in, else of its last segment. `queued_at`: since when it waits in that queue,
    None when it does not. `due_at`: when silence times it out, None never. `connected`: the scope of what an agent is
    on and silence would end too. `opened_at`: its start. `asked_at`: since when the customer waits for an agent's
    response in a thread, None when nobody does; `answer_due_at`: when the threshold of that is over, in business
    time; `first`: whether it would be the first response.
    """

    scope: str
    queued_at: int | None
    due_at: int | None
    connected: str | None = None
    opened_at: int | None = None
    asked_at: int | None = None
    answer_due_at: int | None = None
    first: bool = False
