"""The peer in Java: Kafka Streams, built once by Maven, run in a JVM of its own; see `bench/kafka-streams`."""

from __future__ import annotations

import fcntl
import hashlib
import itertools
import json
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.process import Measured, command, said
from bench.recount import Wrong
from bench.straight import compare
from stream.embedded import cache_folder
from tests.parts.missing import PartMissing, program

if TYPE_CHECKING:
    from bench.surroundings import Surroundings, Topic

PROJECT = Path(__file__).parent / "kafka-streams"
LIMIT_SECONDS = 600.0
_numbers = itertools.count(1)


def build() -> Path:
    """The folder with its classes and jars, made once for these sources. Raises PartMissing."""
    maven, _ = program("mvn"), program("java")
    digest = hashlib.sha256()
    for path in sorted(each for each in PROJECT.rglob("*") if each.suffix in {".java", ".xml"}):
        digest.update(str(path.relative_to(PROJECT)).encode() + path.read_bytes())
    folder = cache_folder() / f"kafka-streams-{digest.hexdigest()[:12]}"
    cache_folder().mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            making = folder.with_suffix(".making")
            shutil.rmtree(making, ignore_errors=True)
            made = subprocess.run(
                [maven, "-q", "-B", "-f", str(PROJECT / "pom.xml"), f"-Dmade={making}", "compile",
                 "dependency:copy-dependencies", f"-DoutputDirectory={making}/lib", "-DincludeScope=runtime"],
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            if made.returncode:
                raise PartMissing(f"Maven could not build Kafka Streams' program:\n{made.stdout[-2000:]}")
            making.rename(folder)
    return folder


def at_least_once(where: Surroundings, topic: Topic, built: Path | None) -> Measured:
    """Its default. Raises Wrong."""
    return run(where, topic, built, "at_least_once")


def exactly_once(where: Surroundings, topic: Topic, built: Path | None) -> Measured:
    """With transactions of Kafka, committed ten times a second. Raises Wrong."""
    return run(where, topic, built, "exactly_once_v2")


def run(where: Surroundings, topic: Topic, built: Path | None, guarantee: str) -> Measured:
    """From the first record processed to the last, by one thread; then once more in the same JVM, warm. Raises Wrong.

    The start of the JVM does not count. What Java compiles meanwhile does: the first time much, the second time little.
    """
    folder = where.folder / f"kafka-streams-{next(_numbers)}"
    folder.mkdir()
    java = [
        program("java"), "-cp", f"{built}/classes:{built}/lib/*", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
        "centralino.bench.Main", where.kafka, topic.name, guarantee, str(topic.records), str(folder),
    ]  # fmt: skip
    with command(java, where.folder, {}, subprocess.PIPE) as process:
        try:
            output, _ = process.communicate(timeout=LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            output = b""
    shutil.rmtree(folder)
    if process.returncode or not output:
        raise Wrong(f"Kafka Streams failed:\n{said(where.folder)}")
    passes: list[dict[str, Any]] = json.loads(output)
    for told in passes:
        compare(f"Kafka Streams, {guarantee}", told["figures"], topic.cells)
    started, warm = map(_measured, passes)
    return started._replace(warm=warm)


def _measured(told: dict[str, Any]) -> Measured:
    first, last = told["first"], told["last"]
    seconds, cpu = last["clock"] - first["clock"], last["cpu"] - first["cpu"]
    return Measured(last["read"] - first["read"], seconds, cpu, 0.0, told["peak_bytes"])
