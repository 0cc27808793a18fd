"""An interaction whose customer is to be forgotten: the name leaves its facts, and what it counts stays as it is.

In the name's place stands `UNNAMED`. So the interaction is not taken for one that came without a customer, and is not
counted as `unidentified`; no customer's shard hears of it again; and while that stands, whom later facts name is not
kept either: they are about the same person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stream.core.interactions import digest, log

if TYPE_CHECKING:
    from stream.core.interactions.known import Interaction


def erase(state: Interaction, customer_id: str) -> bool:
    """Take a customer out of an interaction's facts, and of what is known as told. False: nothing names them."""
    state.former = state.former.difference((customer_id,))
    sent, facts = digest.without(state.sent, customer_id), log.without(state.log, customer_id)
    if (sent, facts) == (state.sent, state.log):
        return False
    state.sent, state.log = sent, facts
    return True
