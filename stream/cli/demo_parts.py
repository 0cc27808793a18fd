"""Worker and service as child processes of the demo, each with a log in the data folder."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from stream.child import Child, answers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


class _Ours(Child):
    """A `centralino` command as a child: `environment` are its settings."""

    arguments: tuple[str, ...] = ()
    stop_seconds = 8.0

    def __init__(self, folder: Path, environment: Mapping[str, str], port: int | None = None) -> None:
        super().__init__(folder, port)
        self.settings = dict(environment)

    def command(self) -> Sequence[str]:
        """This Python, our command line."""
        return [sys.executable, "-m", "stream.cli", *self.arguments]

    def environment(self) -> Mapping[str, str]:
        """The settings of the demo."""
        return self.settings

    def ready(self) -> bool:
        """Whether it answers HTTP."""
        return answers(self.port, b"GET /healthz HTTP/1.0\r\n\r\n").startswith(b"HTTP/")


class Worker(_Ours):
    """`centralino worker`, with its own metrics on `port`."""

    name = "worker"
    arguments: tuple[str, ...] = ("worker",)

    def environment(self) -> Mapping[str, str]:
        """With the port of its metrics."""
        return {**super().environment(), "CENTRALINO_WORKER_PORT": str(self.port)}


class SecondWorker(Worker):
    """Another one beside it."""

    name = "second-worker"


class Service(_Ours):
    """`centralino serve` on `port`."""

    name = "service"
    arguments: tuple[str, ...] = ("serve",)

    def environment(self) -> Mapping[str, str]:
        """With its port."""
        return {**super().environment(), "CENTRALINO_PORT": str(self.port)}

    @property
    def url(self) -> str:
        """Where people look."""
        return f"http://{self.address}"
