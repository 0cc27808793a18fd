"""Prometheus, the real one of Debian, with a configuration of the test's own."""

from __future__ import annotations

import subprocess
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

from stream.child import Child
from tests.parts.missing import program

if TYPE_CHECKING:
    from collections.abc import Sequence


class Prometheus(Child):
    """One Prometheus on loopback. `configuration` is the text of prometheus.yml; rule files lie in `folder`."""

    name = "prometheus"

    def __init__(self, folder: Path, configuration: str, port: int | None = None) -> None:
        super().__init__(folder, port)
        self._server = program("prometheus")
        self._configuration = configuration

    @property
    def url(self) -> str:
        """Base of its HTTP API, without a slash at the end."""
        return f"http://{self.address}"

    def prepare(self) -> None:
        """Write the configuration."""
        (self.folder / "prometheus.yml").write_text(self._configuration)

    def command(self) -> Sequence[str]:
        """The server on its port and folder."""
        return [
            self._server,
            f"--config.file={self.folder.resolve() / 'prometheus.yml'}",
            f"--storage.tsdb.path={self.folder.resolve() / 'tsdb'}",
            f"--web.listen-address={self.address}",
        ]

    def ready(self) -> bool:
        """Whether it says that it is ready."""
        try:
            with urllib.request.urlopen(f"{self.url}/-/ready", timeout=1) as reply:
                ready: bool = reply.status == 200
                return ready
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            return False


def promtool(*arguments: str, stdin: str | None = None) -> str:
    """What promtool prints, errors included; raises `AssertionError` when it finds a fault."""
    done = subprocess.run(
        [program("promtool"), *arguments], input=stdin, capture_output=True, text=True, check=False, timeout=60
    )
    output = done.stdout + done.stderr
    assert done.returncode == 0, output
    return output
