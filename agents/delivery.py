"""Which of the two ways of telling outputs there is: the one that is set, else exactly once where the broker can."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from aiokafka.errors import KafkaError

from agents import topics
from agents.outputs import Outputs
from agents.telling import AtLeastOnce
from agents.transactions import ExactlyOnce, outputs_group
from stream.state.refused import Refused

if TYPE_CHECKING:
    from contextlib import AsyncExitStack

    from aiokafka import AIOKafkaProducer

    from agents.telling import Tellers
    from stream.settings import Settings

log = structlog.get_logger()


async def tellers(settings: Settings, producer: AIOKafkaProducer[bytes, bytes], stack: AsyncExitStack) -> Tellers:
    """What tells outputs, closed with the stack.

    Raises Refused when transactions are set, or were used before, and Kafka has none for us.
    """
    if settings.delivery != "at_least_once":
        exactly_once = ExactlyOnce(settings)
        stack.push_async_callback(exactly_once.close)
        try:
            await exactly_once.open()
        except KafkaError as error:
            if settings.delivery == "exactly_once":
                raise Refused(
                    f"delivery is exactly_once, and Kafka has no transactions for us ({type(error).__name__}: {error})."
                    f" They need the transactional ids {settings.group}/* and enough brokers for the topic"
                    ' __transaction_state; or set delivery = "at_least_once".'
                ) from error
            if await _has_marks(settings):
                raise Refused(
                    "outputs were told exactly once until now, and Kafka has no transactions for us"
                    f' ({type(error).__name__}: {error}). Set delivery = "at_least_once" to go on without.'
                ) from error
            log.warning("Kafka has no transactions for us", error=f"{type(error).__name__}: {error}")
        else:
            log.info("outputs are told exactly once")
            return exactly_once
    log.info("outputs are told at least once")
    return AtLeastOnce(Outputs(producer, settings.topic))


async def _has_marks(settings: Settings) -> bool:
    """Whether outputs have ever been told exactly once."""
    try:
        async with topics.administration(settings) as admin:
            return bool(await topics.group_offsets(admin, outputs_group(settings)))
    except KafkaError as error:
        log.warning("whether outputs were told exactly once before is not known", error=f"{type(error).__name__}")
        return False
