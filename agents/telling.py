"""How a partition's outputs are told: once, in transactions (`agents.transactions`), or at least once, here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from faust.types import TP

    from agents.outputs import Outputs
    from stream.core.stage import Output


class TakenAway(Exception):
    """Others tell the outputs of this partition now, or Kafka has given up what we had begun: nothing was told."""


class Teller(Protocol):
    """Tells what one input partition derives. One task at a time."""

    async def take(self) -> None:
        """Be the only one who tells; what a former one has begun and not ended is void. Raises KafkaError."""

    async def tell(self, outputs: Sequence[Output], upto: int) -> None:
        """Tell all outputs of the records before `upto`, or none; returns when Kafka has them.

        Raises TakenAway, after which `take` makes it of use again, and KafkaError.
        """

    async def close(self) -> None:
        """Tell nothing any more, and give up what was begun."""


class Tellers(Protocol):
    """Makes tellers."""

    def of(self, tp: TP) -> Teller:
        """The one of an input partition."""

    async def told(self, tps: Iterable[TP]) -> dict[TP, int]:
        """Up to where the outputs of each partition have been told, where that is known. Raises KafkaError."""


class AtLeastOnce:
    """Teller and tellers without transactions: after a crash outputs come again, with the same ids."""

    def __init__(self, outputs: Outputs) -> None:
        self._outputs = outputs

    def of(self, tp: TP) -> AtLeastOnce:  # noqa: ARG002 - as Tellers has it
        """All partitions share it."""
        return self

    async def told(self, tps: Iterable[TP]) -> dict[TP, int]:  # noqa: ARG002 - as Tellers has it
        """Nobody knows."""
        return {}

    async def take(self) -> None:
        """Nothing is taken from others."""

    async def tell(self, outputs: Sequence[Output], upto: int) -> None:  # noqa: ARG002 - as Teller has it
        """Returns when the broker has acknowledged all. Raises KafkaError."""
        await self._outputs.send(outputs)

    async def close(self) -> None:
        """Nothing was begun."""
