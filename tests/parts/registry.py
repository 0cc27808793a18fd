"""A schema registry with Confluent's API, a real one: Apicurio Registry, its data in memory, fetched by Maven."""

from __future__ import annotations

import fcntl
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from stream.child import Child, answers
from stream.embedded import cache_folder
from tests.parts.missing import PartMissing, program

if TYPE_CHECKING:
    from collections.abc import Sequence

VERSION = "3.0.9"
"""The latest that runs on Java 17."""
PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:2.8"
"""Later ones want the parent of what they fetch, too, and Apicurio's is not released."""
PATH = "/apis/ccompat/v7"


def application() -> Path:
    """The folder that it lies in, fetched once a version; raises `PartMissing`."""
    maven = program("mvn")
    folder = cache_folder() / f"registry-{VERSION}"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / ".complete").exists():
            made = subprocess.run(
                [maven, "-q", "-B", f"{PLUGIN}:unpack", f"-DoutputDirectory={folder}",
                 f"-Dartifact=io.apicurio:apicurio-registry-app:{VERSION}:tar.gz:all"],
                cwd=folder, capture_output=True, text=True, check=False,
            )  # fmt: skip
            if made.returncode:
                raise PartMissing(f"Maven could not fetch Apicurio Registry:\n{made.stdout[-2000:]}")
            (folder / ".complete").touch()
    return folder


class Registry(Child):
    """One registry on loopback; what is in it is gone when it stops."""

    name = "registry"
    start_seconds = 60.0

    def __init__(self, folder: Path, port: int | None = None) -> None:
        super().__init__(folder, port)
        self._java = program("java")
        (self._jar,) = application().glob("*-runner.jar")

    @property
    def url(self) -> str:
        """Base of Confluent's API."""
        return f"http://{self.address}{PATH}"

    def command(self) -> Sequence[str]:
        """The application, with little memory."""
        return [
            self._java, "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dquarkus.http.host=127.0.0.1",
            f"-Dquarkus.http.port={self.port}", "-jar", str(self._jar),
        ]  # fmt: skip

    def ready(self) -> bool:
        """Whether it lists its subjects."""
        request = f"GET {PATH}/subjects HTTP/1.1\r\nHost: {self.address}\r\nConnection: close\r\n\r\n"
        return answers(self.port, request.encode(), 5).startswith(b"HTTP/1.1 200")
