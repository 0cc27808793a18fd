"""Who reached us without a customer: counted where the interaction is, since no customer's shard will hear of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stream.core.interactions.digest import served
from stream.core.interactions.slots import CONTAINED, UNIDENTIFIED
from stream.core.measures import CODES

if TYPE_CHECKING:
    from stream.core.interactions.known import Interaction

_UNIDENTIFIED: Final = (CODES["unidentified"], 1)
_CONTAINED: Final = (CODES["bot_contained"], 1, CODES["bot_unidentified"], 1)


def count(state: Interaction) -> None:
    """Let what stands for an interaction without a customer follow from it as it is now."""
    life = state.life
    nobody = bool(life.ended_at) and state.told.customer_id is None
    if not nobody and not state.alone:
        return
    unidentified = nobody and life.inbound and served(life)
    contained = nobody and life.contained
    for slot, counted, increments in (
        (UNIDENTIFIED, unidentified, _UNIDENTIFIED), (CONTAINED, contained, _CONTAINED),
    ):  # fmt: skip
        if counted:
            life.put(slot, life.ended_at[0], life.whole, increments)
        elif state.alone:
            life.drop(slot)
    state.alone = unidentified or contained
