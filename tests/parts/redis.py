"""Redis, the real one of Debian, with the options that the state needs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from stream.child import Child
from stream.embedded import EmbeddedStore, redis_answers, store_options
from tests.parts.missing import program

if TYPE_CHECKING:
    from collections.abc import Sequence


class Redis(Child):
    """One redis-server on loopback. `options` are added to its command line."""

    name = "redis"

    def __init__(self, folder: Path, port: int | None = None, options: Sequence[str] = ()) -> None:
        super().__init__(folder, port)
        self._server = program("redis-server")
        self._options = options

    @property
    def url(self) -> str:
        """`redis://host:port/0`."""
        return f"redis://{self.address}/0"

    def command(self) -> Sequence[str]:
        """The server on its port and folder."""
        return [self._server, *store_options(self.port, self.folder), *self._options]

    def ready(self) -> bool:
        """Whether it answers PING."""
        return redis_answers(self.port)


Store = Redis | EmbeddedStore
