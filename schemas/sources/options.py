"""What a user may say of a source: whose it is, and which of its names mean which of ours."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from schemas.customers import Survey
from schemas.envelope import Channel
from schemas.interactions import FlowOutcome


class Question(Struct, frozen=True, kw_only=True):
    """What a question of a survey asks for, and its scale as the vendor has it.

    A score is moved from `lowest`…`highest` to our scale of the survey, and rounded half up; unset: it is told in ours.
    `reversed`: the lowest is the best.
    """

    survey: Survey
    lowest: int | None = None
    highest: int | None = None
    reversed: bool = False


class Options(Struct, frozen=True, kw_only=True):
    """Of one vendor. Names that are in none of the tables stay as the vendor tells them.

    `instance`: the account, system or house that the payloads come from, where they do not tell it. `queues`, `agents`:
    the vendor's id or name → ours. `channels`: the vendor's word → our channel. `outcomes`: a key that was pressed, or
    the vendor's word for why the customer was let go → ours. `questions`: a survey question's reference → what it asks.
    """

    instance: str | None = None
    queues: dict[str, str] = field(default_factory=dict)
    agents: dict[str, str] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    outcomes: dict[str, FlowOutcome] = field(default_factory=dict)
    questions: dict[str, Question] = field(default_factory=dict)


NONE = Options()
"""Nothing is said."""


def pick(table: Mapping[str, str], id_: str | None, name: str | None) -> str | None:
    """Of an id and a name what stands for a queue or agent: the id if the table has it, else the name, else the id.

    What is picked is looked up in the table once more, when all of the payload is taken in.

    >>> pick({"Q1": "support"}, "Q1", "Support Queue"), pick({}, "Q1", "Support Queue"), pick({}, "Q1", None)
    ('Q1', 'Support Queue', 'Q1')
    """
    return id_ if id_ is not None and id_ in table else name or id_
