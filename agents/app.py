"""The Faust app: a consumer of all chosen topics, and nothing else of Faust. Web, tables, leader topic are off."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any, Protocol

import faust
from faust.auth import SASLCredentials, SSLCredentials

from agents.transport import BatchConsumer, BatchTransport
from agents.waiting import fetch_bytes
from stream.connections import kafka_options

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from faust.types import TP
    from faust.types.auth import CredentialsT

    from stream.settings import Settings


class Owner(Protocol):
    """Who takes and leaves partitions."""

    async def take(self, tps: AbstractSet[TP]) -> dict[TP, int]:
        """Own these partitions from now on; where each starts."""

    async def leave(self) -> None:
        """Stop all work on all partitions."""

    def applied(self) -> dict[TP, int]:
        """The stored offset of each partition owned."""


class StreamApp(faust.App):
    """Faust with the batch transport. `owner` is set before the app starts."""

    owner: Owner

    def _new_transport(self) -> BatchTransport:
        return BatchTransport(self.conf.broker_consumer, self)

    def _create_directories(self) -> None:
        """We keep no files."""

    @property
    def batches(self) -> BatchConsumer:
        """The consumer, by its own type."""
        consumer: Any = self.consumer
        return consumer  # type: ignore[no-any-return]

    async def take_partitions(self, tps: AbstractSet[TP]) -> dict[TP, int]:
        """Own exactly these partitions; where each starts."""
        return await self.owner.take(tps)

    def applied_offsets(self) -> dict[TP, int]:
        """The stored offset of each partition owned."""
        return self.owner.applied()


def new_app(settings: Settings) -> StreamApp:
    """The app of one worker process."""
    app = StreamApp(
        settings.workers_group,
        broker=[f"kafka://{address.strip()}" for address in settings.kafka_bootstrap_servers.split(",")],
        broker_credentials=_credentials(settings),
        broker_session_timeout=settings.session_timeout_seconds,
        broker_heartbeat_interval=settings.heartbeat_interval_seconds,
        broker_commit_interval=1.0,
        broker_max_poll_records=settings.max_poll_records,
        consumer_max_fetch_size=fetch_bytes(1),
        consumer_auto_offset_reset="none",
        store="memory://",
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=False,
        stream_wait_empty=False,
        stream_recovery_delay=0.0,
        autodiscover=False,
    )
    revoked: Any = app.on_partitions_revoked
    revoked.connect(_leave)
    return app


async def _leave(app: StreamApp, revoked: AbstractSet[TP], **_: Any) -> None:
    del revoked
    await app.owner.leave()


def _credentials(settings: Settings) -> CredentialsT | None:
    options = kafka_options(settings)
    context: ssl.SSLContext | None = options.get("ssl_context")
    if "sasl_mechanism" in options:
        return SASLCredentials(
            username=options["sasl_plain_username"], password=options["sasl_plain_password"],
            mechanism=options["sasl_mechanism"], ssl_context=context,
        )  # fmt: skip
    return None if context is None else SSLCredentials(context)
