"""What is made once for every Apache Kafka here: its jars, a formatted data folder, an archive of its classes."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from stream.embedded import cache_folder
from tests.parts.missing import PartMissing, program

if TYPE_CHECKING:
    from collections.abc import Iterator

POM = Path(__file__).parents[1] / "kafka" / "pom.xml"
CLUSTER_ID = "MkU3OEVBNTcwNTJENDM2Qk"
_FORMAT = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.quorum.voters": "1@127.0.0.1:9093",
    "listeners": "BROKER://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093",
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "BROKER",
    "listener.security.protocol.map": "BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT",
}


def jars() -> Path:
    """The folder of Kafka's jars, resolved once by version of the pom; raises `PartMissing`."""
    maven = program("mvn")
    version = hashlib.sha256(POM.read_bytes()).hexdigest()[:12]
    folder = cache_folder() / f"kafka-{kafka_version()}-{version}"
    done = folder / ".complete"
    if done.exists():
        return folder
    with _lock(folder):
        if done.exists():
            return folder
        made = subprocess.run(
            [maven, "-q", "-B", "-f", str(POM), "dependency:copy-dependencies", f"-DoutputDirectory={folder}",
             "-DincludeScope=runtime"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if made.returncode:
            raise PartMissing(f"Maven could not resolve Apache Kafka:\n{made.stdout[-2000:]}")
        done.touch()
    return folder


def formatted() -> Path:
    """A data folder as Kafka's own tool formats it, to be copied: one start of a JVM less for each broker."""
    made = jars() / "once" / "formatted"
    if made.exists():
        return made
    with _lock(made.parent):
        if not made.exists():
            making = made.with_suffix(".making")
            shutil.rmtree(making, ignore_errors=True)
            properties = made.with_suffix(".properties")
            lines = {**_FORMAT, "log.dirs": str(making)}
            properties.write_text("".join(f"{name}={value}\n" for name, value in lines.items()))
            subprocess.run(
                [program("java"), *class_path(), "kafka.tools.StorageTool", "format", "-t", CLUSTER_ID,
                 "-c", str(properties)],
                check=True, capture_output=True,
            )  # fmt: skip
            making.rename(made)
    return made


def archive() -> Path:
    """Where the classes that a broker loads are kept as Java has them in memory: there once one has ended."""
    return jars() / "once" / "classes.jsa"


def class_path() -> list[str]:
    """Java's options for it."""
    return ["-cp", f"{jars()}/*"]


def kafka_version() -> str:
    """As the pom has it."""
    found = ET.parse(POM).find(".//{*}dependency/{*}version")
    return "unknown" if found is None or not found.text else found.text


@contextmanager
def _lock(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
