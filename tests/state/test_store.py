"""What of a store's failures is waited for."""

from __future__ import annotations

import pytest

from stream.state.store import Store


async def test_a_connection_that_closed_while_it_was_written_to_is_waited_for(own_redis):
    store = Store({"url": own_redis.url}, patience=10.0)
    failures = [RuntimeError("unable to perform operation on <TCPTransport closed=True>; the handler is closed")]

    async def ask():
        if failures:
            raise failures.pop()
        return await store.command("PING")

    assert await store.patiently(ask) in (b"PONG", True)
    await store.aclose()


async def test_any_other_mistake_is_raised(own_redis):
    store = Store({"url": own_redis.url}, patience=10.0)

    async def ask():
        raise RuntimeError("dictionary changed size during iteration")

    with pytest.raises(RuntimeError, match="dictionary"):
        await store.patiently(ask)
    await store.aclose()
