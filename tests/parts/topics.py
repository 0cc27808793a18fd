"""Topics for tests: brokers create none by themselves."""

from __future__ import annotations

from aiokafka.admin import AIOKafkaAdminClient, NewTopic


async def create_topics(address: str, partitions: int, *names: str, **configuration: str) -> None:
    """Create topics with one replica. `configuration`: topic settings, `_` for each dot (`retention_ms="-1"`)."""
    told = {name.replace("_", "."): value for name, value in configuration.items()}
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(name, partitions, 1, topic_configs=told) for name in names])
    finally:
        await admin.close()
